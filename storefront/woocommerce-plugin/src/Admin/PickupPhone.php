<?php
/**
 * The number that couriers call at the shop.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Admin;

defined( 'ABSPATH' ) || exit;

/**
 * WooCommerce's own address has no telephone number, and no courier comes without one. It stands below the
 * address, where the gateway reads both through WooCommerce's REST interface.
 */
final class PickupPhone {

	const OPTION = 'doorstep_pickup_phone';

	/**
	 * Hooks it in, for the page of settings and for the REST interface.
	 */
	public function hook(): void {
		add_filter( 'woocommerce_general_settings', array( $this, 'add' ) );
	}

	/**
	 * Puts the field behind the postcode; a page without one is let be.
	 *
	 * @param mixed $fields WooCommerce's.
	 * @return mixed
	 */
	public function add( $fields ) {
		if ( ! is_array( $fields ) ) {
			return $fields;
		}
		$made = array();
		$done = false;
		foreach ( $fields as $field ) {
			$made[] = $field;
			if ( ! $done && is_array( $field ) && isset( $field['id'] ) && 'woocommerce_store_postcode' === $field['id'] ) {
				$made[] = self::field();
				$done   = true;
			}
		}
		return $done ? $made : $fields;
	}

	/**
	 * The number, or ''.
	 */
	public static function number(): string {
		return trim( (string) get_option( self::OPTION ) );
	}

	/**
	 * The field as WooCommerce describes its own.
	 */
	private static function field(): array {
		return array(
			'title'    => __( 'Phone for couriers', 'doorstep' ),
			'desc'     => __( 'Couriers call this number before they come, or when nobody opens. With its country code, as in +1 212 736 3100.', 'doorstep' ),
			'id'       => self::OPTION,
			'default'  => '',
			'type'     => 'text',
			'desc_tip' => true,
		);
	}
}
