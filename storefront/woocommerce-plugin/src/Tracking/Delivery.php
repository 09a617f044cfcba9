<?php
/**
 * An order's delivery, as the gateway last wrote it.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Tracking;

defined( 'ABSPATH' ) || exit;

/**
 * Read from the order's meta; what somebody spoiled reads as nothing.
 */
final class Delivery {

	const META = '_doorstep_delivery';

	/**
	 * Status as the gateway names it, '' where there is no delivery.
	 *
	 * @var string
	 */
	public $status = '';

	/**
	 * Where shoppers look, or ''.
	 *
	 * @var string
	 */
	public $tracking_url = '';

	/**
	 * The delivery of an order.
	 *
	 * @param \WC_Order $order The order.
	 */
	public static function of( \WC_Order $order ): self {
		$value = $order->get_meta( self::META );
		if ( is_string( $value ) && '' !== $value ) {
			$value = json_decode( $value, true );
		}
		$value    = is_object( $value ) ? (array) $value : $value;
		$delivery = new self();
		if ( ! is_array( $value ) ) {
			return $delivery;
		}
		$status = isset( $value['status'] ) && is_string( $value['status'] ) ? $value['status'] : '';

		$delivery->status       = preg_match( '/^[A-Z_]{1,40}$/', $status ) ? $status : '';
		$delivery->tracking_url = isset( $value['tracking_url'] ) ? self::web_address( $value['tracking_url'] ) : '';
		return $delivery;
	}

	/**
	 * An address that a browser may open, or ''.
	 *
	 * @param mixed $text As kept.
	 */
	private static function web_address( $text ): string {
		return is_string( $text ) && preg_match( '#^https?://#i', $text ) ? esc_url_raw( $text, array( 'http', 'https' ) ) : '';
	}

	/**
	 * Whether a shopper has something to look at.
	 */
	public function trackable(): bool {
		return '' !== $this->tracking_url && ! in_array( $this->status, array( 'CANCELLED', 'FAILED', 'DRAFT', 'SEARCHING' ), true );
	}

	/**
	 * The token of the live view, or '' where the page is not our gateway's.
	 *
	 * @param string $gateway The connected gateway's address.
	 */
	public function token( string $gateway ): string {
		$start = $gateway . '/track/';
		if ( '' === $gateway || 0 !== strpos( $this->tracking_url, $start ) ) {
			return '';
		}
		$token = substr( $this->tracking_url, strlen( $start ) );
		return preg_match( '/^[A-Za-z0-9._~-]{1,200}$/', $token ) ? $token : '';
	}
}
