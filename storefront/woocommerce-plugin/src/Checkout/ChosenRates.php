<?php
/**
 * The rates that the shopper selected.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Checkout;

use Doorstep\WooCommerce\Money;
use Doorstep\WooCommerce\Rates\Rate;
use Doorstep\WooCommerce\Rates\ShippingMethod;

defined( 'ABSPATH' ) || exit;

/**
 * Reads them from WooCommerce's packages.
 */
final class ChosenRates {

	/**
	 * Rates of our method in a package, by id.
	 *
	 * @param mixed $package As WooCommerce keeps it.
	 */
	public static function ours( $package ): array {
		$rates = is_array( $package ) && isset( $package['rates'] ) && is_array( $package['rates'] ) ? $package['rates'] : array();
		$is    = static function ( $rate ) {
			return $rate instanceof \WC_Shipping_Rate && ShippingMethod::ID === $rate->get_method_id();
		};
		return array_filter( $rates, $is );
	}

	/**
	 * Selected rates of ours that name an option, by package; fallbacks and other methods have none.
	 */
	public static function all(): array {
		$selected = WC()->session ? (array) WC()->session->get( 'chosen_shipping_methods', array() ) : array();
		$chosen   = array();
		foreach ( WC()->shipping()->get_packages() as $key => $package ) {
			$ours = self::ours( $package );
			$id   = isset( $selected[ $key ] ) ? $selected[ $key ] : '';
			if ( is_string( $id ) && isset( $ours[ $id ] ) && '' !== self::meta( $ours[ $id ], Rate::OPTION ) ) {
				$chosen[ $key ] = $ours[ $id ];
			}
		}
		return $chosen;
	}

	/**
	 * A text of a rate's meta.
	 *
	 * @param \WC_Shipping_Rate $rate A rate of ours.
	 * @param string            $name One of Rate's constants.
	 */
	public static function meta( \WC_Shipping_Rate $rate, string $name ): string {
		$meta = $rate->get_meta_data();
		return isset( $meta[ $name ] ) && is_string( $meta[ $name ] ) ? $meta[ $name ] : '';
	}

	/**
	 * The gateway's id of the option alone.
	 *
	 * @param \WC_Shipping_Rate $rate A rate of ours.
	 */
	public static function option_id( \WC_Shipping_Rate $rate ): string {
		$parts = explode( '/', self::meta( $rate, Rate::OPTION ) );
		return (string) end( $parts );
	}

	/**
	 * What it costs, before tax, in minor units.
	 *
	 * @param \WC_Shipping_Rate $rate A rate of ours.
	 */
	public static function cost_minor( \WC_Shipping_Rate $rate ): int {
		return Money::minor( $rate->get_cost(), get_woocommerce_currency() );
	}
}
