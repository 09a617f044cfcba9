<?php
/**
 * Weights and sizes.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Rates;

defined( 'ABSPATH' ) || exit;

/**
 * From the shop's own units. What is missing stays null: a guess would be charged for.
 */
final class Measure {

	/**
	 * Grams.
	 *
	 * @param mixed $weight In the shop's unit, as a product has it.
	 */
	public static function grams( $weight ): ?int {
		return is_numeric( $weight ) && $weight > 0 ? self::whole( wc_get_weight( (float) $weight, 'g' ) ) : null;
	}

	/**
	 * Millimetres.
	 *
	 * @param mixed $length In the shop's unit, as a product has it.
	 */
	public static function millimetres( $length ): ?int {
		return is_numeric( $length ) && $length > 0 ? self::whole( wc_get_dimension( (float) $length, 'mm' ) ) : null;
	}

	/**
	 * At least one: a feather weighs something.
	 *
	 * @param float $amount More than nothing.
	 */
	private static function whole( float $amount ): int {
		return max( 1, (int) round( $amount ) );
	}
}
