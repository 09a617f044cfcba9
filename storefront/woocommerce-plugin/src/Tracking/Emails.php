<?php
/**
 * Tracking in the shop's e-mails.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Tracking;

use Doorstep\WooCommerce\Options;

defined( 'ABSPATH' ) || exit;

/**
 * A line above the order's table, to the customer only and only once.
 */
final class Emails {

	/**
	 * Whether this message has it, by message and order.
	 *
	 * @var array
	 */
	private $written = array();

	/**
	 * Hooks it in.
	 */
	public function hook(): void {
		add_action( 'woocommerce_email_before_order_table', array( $this, 'write' ), 10, 4 );
		add_action( 'woocommerce_email_header', array( $this, 'begin' ), 1, 0 );
	}

	/**
	 * Another message begins: a batch of them may be written by one request.
	 */
	public function begin(): void {
		$this->written = array();
	}

	/**
	 * Writes the line.
	 *
	 * @param mixed $order    The order.
	 * @param mixed $to_admin Whether the shop itself reads this.
	 * @param mixed $plain    Whether it is plain text.
	 * @param mixed $email    The message.
	 */
	public function write( $order, $to_admin = false, $plain = false, $email = null ): void {
		if ( $to_admin || ! $order instanceof \WC_Order || ! Options::on( Options::MAIL ) || self::told_by_others() ) {
			return;
		}
		$delivery = Delivery::of( $order );
		$message  = ( is_object( $email ) && isset( $email->id ) ? $email->id : '' ) . ':' . $order->get_id();
		if ( ! $delivery->trackable() || ( isset( $this->written[ $message ] ) && ! $plain ) ) {
			return;
		}
		$this->written[ $message ] = true;
		if ( $plain ) {
			// phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- plain text, no markup is read in it.
			echo "\n" . wp_strip_all_tags( Words::of( $delivery->status ) ) . "\n" . esc_html__( 'Track your delivery', 'doorstep' ) . ': ' . esc_url_raw( $delivery->tracking_url ) . "\n\n";
			return;
		}
		echo '<p>' . esc_html( Words::of( $delivery->status ) ) . '. <a href="' . esc_url( $delivery->tracking_url ) . '">' . esc_html__( 'Track your delivery', 'doorstep' ) . '</a></p>';
	}

	/**
	 * Whether a plugin that reads the same tracking numbers writes them into messages.
	 */
	private static function told_by_others(): bool {
		return class_exists( 'WC_Shipment_Tracking' ) || class_exists( 'WC_Advanced_Shipment_Tracking_Actions' ) || class_exists( 'Zorem_Woocommerce_Advanced_Shipment_Tracking' );
	}
}
