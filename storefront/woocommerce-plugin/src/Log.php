<?php
/**
 * The merchant's log.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce;

defined( 'ABSPATH' ) || exit;

/**
 * Writes to WooCommerce > Status > Logs, source "doorstep". Never addresses, names or keys.
 */
final class Log {

	/**
	 * Something to mend.
	 *
	 * @param string $text A sentence.
	 */
	public static function warning( string $text ): void {
		wc_get_logger()->warning( $text, array( 'source' => 'doorstep' ) );
	}

	/**
	 * Something to know.
	 *
	 * @param string $text A sentence.
	 */
	public static function info( string $text ): void {
		wc_get_logger()->info( $text, array( 'source' => 'doorstep' ) );
	}
}
