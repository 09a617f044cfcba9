<?php
/**
 * The shopper's session.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce;

defined( 'ABSPATH' ) || exit;

/**
 * WooCommerce's session, which is missing in the admin, in cron and in most REST calls.
 */
final class Session {

	const CART          = 'doorstep_cart';
	const ANSWERS       = 'doorstep_answers';
	const ROUND         = 'doorstep_round';
	const SLOTS         = 'doorstep_slots';
	const CHOICES       = 'doorstep_choices';
	const WISH          = 'doorstep_wish';
	const DEFAULT_TAKEN = 'doorstep_default';
	const ALL           = array( self::CART, self::ANSWERS, self::ROUND, self::SLOTS, self::CHOICES, self::WISH, self::DEFAULT_TAKEN );

	/**
	 * A kept value.
	 *
	 * @param string $name One of the names above.
	 * @return mixed Null where there is none.
	 */
	public function get( string $name ) {
		return $this->there() ? WC()->session->get( $name, null ) : null;
	}

	/**
	 * A kept list; empty where there is none.
	 *
	 * @param string $name One of the names above.
	 */
	public function all( string $name ): array {
		$value = $this->get( $name );
		return is_array( $value ) ? $value : array();
	}

	/**
	 * Keeps a value.
	 *
	 * @param string $name  One of the names above.
	 * @param mixed  $value Null forgets it.
	 */
	public function set( string $name, $value ): void {
		if ( $this->there() ) {
			WC()->session->set( $name, $value );
		}
	}

	/**
	 * The cart's name for the gateway: made up here, so that nobody can take over a session by it.
	 */
	public function cart_id(): string {
		$kept = $this->get( self::CART );
		if ( is_string( $kept ) && '' !== $kept ) {
			return $kept;
		}
		$made = 'wc-' . wp_generate_uuid4();
		$this->set( self::CART, $made );
		return $made;
	}

	/**
	 * The cart became an order or was emptied: the next one is another.
	 */
	public function forget_cart(): void {
		foreach ( self::ALL as $name ) {
			$this->set( $name, null );
		}
	}

	/**
	 * Whether there is a session.
	 */
	private function there(): bool {
		return function_exists( 'WC' ) && isset( WC()->session ) && is_object( WC()->session );
	}
}
