<?php
/**
 * The times that the shopper picked.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Checkout;

use Doorstep\WooCommerce\Session;

defined( 'ABSPATH' ) || exit;

/**
 * By option, in the session: a picked time outlives a change of address or of the way to pay.
 */
final class Slots {

	const MOST = 20;

	/**
	 * The shopper's session.
	 *
	 * @var Session
	 */
	private $session;

	/**
	 * Makes one.
	 *
	 * @param Session $session The shopper's.
	 */
	public function __construct( Session $session ) {
		$this->session = $session;
	}

	/**
	 * The slot picked for an option, or ''.
	 *
	 * @param string $code The option's.
	 */
	public function of( string $code ): string {
		$picked = $this->session->all( Session::SLOTS );
		return isset( $picked[ $code ] ) && is_string( $picked[ $code ] ) ? $picked[ $code ] : '';
	}

	/**
	 * Picks one; whether it exists is seen when the rates are made.
	 *
	 * @param mixed $code The option's.
	 * @param mixed $slot The slot's id.
	 */
	public function pick( $code, $slot ): void {
		if ( ! is_string( $code ) || ! is_string( $slot ) || ! preg_match( '/^[A-Za-z0-9._-]{1,100}$/', $code ) || ! preg_match( '/^[A-Za-z0-9._-]{0,100}$/', $slot ) ) {
			return;
		}
		$picked          = $this->session->all( Session::SLOTS );
		$picked[ $code ] = $slot;
		$this->session->set( Session::SLOTS, array_slice( array_filter( $picked, 'strlen' ), -self::MOST, null, true ) );
	}
}
