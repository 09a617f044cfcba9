<?php
/**
 * Time.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce;

defined( 'ABSPATH' ) || exit;

/**
 * Now, and the gateway's moments in this machine's time.
 */
final class Clock {

	/**
	 * Unix seconds.
	 */
	public function now(): int {
		return time();
	}

	/**
	 * Unix seconds of an ISO 8601 moment, or 0 where it is none.
	 *
	 * @param mixed $text As received.
	 */
	public static function seconds( $text ): int {
		if ( ! is_string( $text ) || ! preg_match( '/^\d{4}-\d\d-\d\dT\d\d:\d\d/', $text ) ) {
			return 0;
		}
		$seconds = strtotime( $text );
		return false === $seconds ? 0 : $seconds;
	}
}
