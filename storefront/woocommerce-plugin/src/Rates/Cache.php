<?php
/**
 * Answers that this shopper got.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Rates;

use Doorstep\WooCommerce\Session;

defined( 'ABSPATH' ) || exit;

/**
 * The last few answers, by question; in the session, since prices are locked for one cart.
 */
final class Cache {

	const KEPT = 4;

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
	 * The answer to a question, fresh or not.
	 *
	 * @param string $key The question's.
	 * @return array Empty where it was not asked.
	 */
	public function find( string $key ): array {
		$kept = $this->session->all( Session::ANSWERS );
		return isset( $kept[ $key ] ) && is_array( $kept[ $key ] ) && isset( $kept[ $key ]['offers'] ) ? $kept[ $key ] : array();
	}

	/**
	 * Keeps an answer, and forgets the oldest.
	 *
	 * @param string $key    The question's.
	 * @param array  $answer As `Answer::read` makes it.
	 */
	public function keep( string $key, array $answer ): void {
		$kept = $this->session->all( Session::ANSWERS );
		unset( $kept[ $key ] );
		$kept[ $key ] = $answer;
		$this->session->set( Session::ANSWERS, array_slice( $kept, -self::KEPT, null, true ) );
	}

	/**
	 * Forgets all answers: one of them turned out to be wrong.
	 */
	public function forget(): void {
		$this->session->set( Session::ANSWERS, null );
	}

	/**
	 * The offer behind a rate that was shown.
	 *
	 * @param string $option_id The gateway's id of the option.
	 * @return array Empty where it is no longer kept.
	 */
	public function offer( string $option_id ): array {
		foreach ( array_reverse( $this->session->all( Session::ANSWERS ) ) as $answer ) {
			foreach ( isset( $answer['offers'] ) ? $answer['offers'] : array() as $offer ) {
				if ( '' !== $option_id && $offer['option_id'] === $option_id ) {
					return $offer;
				}
			}
		}
		return array();
	}

	/**
	 * Corrects an offer wherever it is kept, such as its price or its slots.
	 *
	 * @param string $option_id The gateway's id of the option.
	 * @param array  $changes   By the offer's names.
	 */
	public function correct( string $option_id, array $changes ): void {
		$kept = $this->session->all( Session::ANSWERS );
		foreach ( $kept as $key => $answer ) {
			foreach ( isset( $answer['offers'] ) ? $answer['offers'] : array() as $code => $offer ) {
				if ( $offer['option_id'] === $option_id ) {
					$kept[ $key ]['offers'][ $code ] = array_merge( $offer, $changes );
				}
			}
		}
		$this->session->set( Session::ANSWERS, $kept );
	}
}
