<?php
/**
 * What the merchant switches on and off.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce;

defined( 'ABSPATH' ) || exit;

/**
 * Switches, all on to begin with.
 */
final class Options {

	const OPTION = 'doorstep_options';
	const FIELDS = 'fields';
	const MAIL   = 'mail';
	const LIVE   = 'live';
	const ALL    = array( self::FIELDS, self::MAIL, self::LIVE );

	/**
	 * Whether a switch is on.
	 *
	 * @param string $name One of ALL.
	 */
	public static function on( string $name ): bool {
		$kept = get_option( self::OPTION, array() );
		return ! is_array( $kept ) || ! isset( $kept[ $name ] ) || 'no' !== $kept[ $name ];
	}

	/**
	 * Sets all switches.
	 *
	 * @param array $on Names of those that are on.
	 */
	public static function set( array $on ): void {
		$kept = array();
		foreach ( self::ALL as $name ) {
			$kept[ $name ] = in_array( $name, $on, true ) ? 'yes' : 'no';
		}
		update_option( self::OPTION, $kept );
	}
}
