<?php
/**
 * What the shop knows of its gateway.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce;

defined( 'ABSPATH' ) || exit;

/**
 * The kept keys, and the state that ties an answer to the button that was pressed.
 */
final class Connection {

	const OPTION        = 'doorstep_connection';
	const STATE         = 'doorstep_connect_state';
	const PARTS         = array( 'gateway', 'site', 'key', 'secret', 'merchant' );
	const STATE_TTL_S   = 3600;
	const LONGEST_VALUE = 300;

	/**
	 * One kept value, or '' before the shop is connected.
	 *
	 * @param string $part One of PARTS.
	 */
	public function part( string $part ): string {
		$kept = get_option( self::OPTION, array() );
		return is_array( $kept ) && isset( $kept[ $part ] ) && is_string( $kept[ $part ] ) ? $kept[ $part ] : '';
	}

	/**
	 * Whether there is a gateway to ask.
	 */
	public function connected(): bool {
		return '' !== $this->part( 'gateway' ) && '' !== $this->part( 'site' ) && '' !== $this->part( 'key' );
	}

	/**
	 * Keeps what a gateway handed over.
	 *
	 * @param array $given By PARTS; others are ignored.
	 * @return bool False where something that is needed is missing or unsafe; nothing is changed then.
	 */
	public function keep( array $given ): bool {
		$kept = array();
		foreach ( self::PARTS as $part ) {
			$value         = isset( $given[ $part ] ) && is_string( $given[ $part ] ) ? trim( $given[ $part ] ) : '';
			$kept[ $part ] = strlen( $value ) > self::LONGEST_VALUE ? '' : sanitize_text_field( $value );
		}
		$kept['gateway'] = Address::clean( $kept['gateway'] );
		foreach ( array( 'gateway', 'site', 'key', 'secret' ) as $needed ) {
			if ( '' === $kept[ $needed ] ) {
				return false;
			}
		}
		update_option( self::OPTION, $kept, false );
		return true;
	}

	/**
	 * Forgets everything about the gateway, and tells it nothing more.
	 */
	public function forget(): void {
		Webhooks::delete( $this->part( 'gateway' ) );
		delete_option( self::OPTION );
		delete_transient( self::STATE );
	}

	/**
	 * Makes the word that the gateway must bring back within the hour.
	 */
	public function new_state(): string {
		$state = wp_generate_password( 40, false );
		set_transient( self::STATE, $state, self::STATE_TTL_S );
		return $state;
	}

	/**
	 * Whether an answer belongs to a button pressed here, or renews the keys of the connected site.
	 *
	 * @param string $state As given.
	 * @param string $site  As given.
	 */
	public function expects( string $state, string $site ): bool {
		$made = get_transient( self::STATE );
		if ( is_string( $made ) && '' !== $made && hash_equals( $made, $state ) ) {
			return true;
		}
		return $this->connected() && hash_equals( $this->part( 'site' ), $site );
	}

	/**
	 * A state serves once.
	 */
	public function state_used(): void {
		delete_transient( self::STATE );
	}
}
