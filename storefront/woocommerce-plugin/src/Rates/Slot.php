<?php
/**
 * A time to choose within an option.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Rates;

defined( 'ABSPATH' ) || exit;

/**
 * Read from an answer; kept in the session as an array.
 */
final class Slot {

	/**
	 * The slots of an answer that can be shown.
	 *
	 * @param mixed $given As received.
	 */
	public static function read_all( $given ): array {
		$slots = array();
		foreach ( is_array( $given ) ? $given : array() as $one ) {
			if ( ! is_array( $one ) || empty( $one['id'] ) || ! is_string( $one['id'] ) || empty( $one['label'] ) || ! is_string( $one['label'] ) ) {
				continue;
			}
			$slots[] = array(
				'id'          => sanitize_text_field( $one['id'] ),
				'label'       => sanitize_text_field( $one['label'] ),
				'start'       => isset( $one['start'] ) && is_string( $one['start'] ) ? sanitize_text_field( $one['start'] ) : '',
				'end'         => isset( $one['end'] ) && is_string( $one['end'] ) ? sanitize_text_field( $one['end'] ) : '',
				'price_minor' => isset( $one['price_minor'] ) && is_int( $one['price_minor'] ) ? max( 0, $one['price_minor'] ) : 0,
			);
		}
		return $slots;
	}

	/**
	 * The slot that the shopper picked, or else the first: an order never fails for want of a click.
	 *
	 * @param array  $slots  As `read_all` makes them.
	 * @param string $picked An id, or ''.
	 * @return array Empty where there are none.
	 */
	public static function taken( array $slots, string $picked ): array {
		foreach ( $slots as $slot ) {
			if ( $slot['id'] === $picked ) {
				return $slot;
			}
		}
		return array() === $slots ? array() : $slots[0];
	}
}
