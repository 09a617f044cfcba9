<?php
/**
 * The merchant's own rate.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Rates;

defined( 'ABSPATH' ) || exit;

/**
 * Sold while the gateway does not answer. Without an amount there is none.
 */
final class Fallback {

	const CODE = 'fallback';

	/**
	 * The rate.
	 *
	 * @param string $cost  As the merchant typed it, in major units.
	 * @param string $title As the merchant typed it.
	 * @return array Empty where the merchant wants none.
	 */
	public static function rate( string $cost, string $title ): array {
		$cost = wc_format_decimal( trim( $cost ) );
		if ( ! is_numeric( $cost ) || $cost < 0 ) {
			return array();
		}
		return array(
			'code'  => self::CODE,
			'label' => '' === trim( $title ) ? __( 'Delivery', 'doorstep' ) : $title,
			'cost'  => (string) $cost,
			'meta'  => array(),
		);
	}
}
