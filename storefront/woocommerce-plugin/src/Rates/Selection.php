<?php
/**
 * What the shopper selected stays selected.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Rates;

use Doorstep\WooCommerce\Session;

defined( 'ABSPATH' ) || exit;

/**
 * WooCommerce goes back to the first rate whenever the list of rates changed, by one option more or less.
 */
final class Selection {

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
	 * Keeps an option of ours that the shopper took, also past a page on which it was not on offer.
	 *
	 * @param mixed $default The rate that WooCommerce would select.
	 * @param mixed $rates   By id.
	 * @param mixed $chosen  What was selected before.
	 * @return mixed
	 */
	public function keep( $default, $rates, $chosen ) {
		$wish  = (string) $this->session->get( Session::WISH );
		$taken = (string) $this->session->get( Session::DEFAULT_TAKEN );
		// What WooCommerce took by itself, such as the flat rate of an outage, does not undo the shopper's own choice.
		if ( is_string( $chosen ) && '' !== $chosen && ( '' === $wish || $chosen !== $taken ) ) {
			$wish = 0 === strpos( $chosen, ShippingMethod::ID . ':' ) ? $chosen : '';
			$this->session->set( Session::WISH, $wish );
		}
		if ( '' !== $wish && is_array( $rates ) && isset( $rates[ $wish ] ) ) {
			$this->session->set( Session::DEFAULT_TAKEN, null );
			return $wish;
		}
		$this->session->set( Session::DEFAULT_TAKEN, is_string( $default ) ? $default : '' );
		return $default;
	}
}
