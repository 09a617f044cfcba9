<?php
/**
 * Amounts.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce;

defined( 'ABSPATH' ) || exit;

/**
 * Between WooCommerce's major units and the gateway's integer minor units.
 *
 * The digits are the currency's (ISO 4217), never the shop's "number of decimals": that is how prices are shown.
 */
final class Money {

	const NO_DIGITS    = array( 'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF' );
	const THREE_DIGITS = array( 'BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND' );

	/**
	 * Digits after the point.
	 *
	 * @param string $currency ISO 4217, upper case.
	 */
	public static function digits( string $currency ): int {
		if ( in_array( $currency, self::NO_DIGITS, true ) ) {
			return 0;
		}
		return in_array( $currency, self::THREE_DIGITS, true ) ? 3 : 2;
	}

	/**
	 * Minor units of an amount.
	 *
	 * @param mixed  $major    A number or a numeric string.
	 * @param string $currency ISO 4217.
	 */
	public static function minor( $major, string $currency ): int {
		return is_numeric( $major ) ? (int) round( (float) $major * pow( 10, self::digits( $currency ) ) ) : 0;
	}

	/**
	 * The decimal string that WooCommerce takes as a cost.
	 *
	 * @param int    $minor    Minor units.
	 * @param string $currency ISO 4217.
	 */
	public static function major( int $minor, string $currency ): string {
		$digits = self::digits( $currency );
		return number_format( $minor / pow( 10, $digits ), $digits, '.', '' );
	}
}
