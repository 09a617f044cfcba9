<?php
/**
 * What the gateway answered.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Rates;

use Doorstep\WooCommerce\Clock;
use Doorstep\WooCommerce\Failure;

defined( 'ABSPATH' ) || exit;

/**
 * Reads an answer into plain arrays, which the session can keep.
 */
final class Answer {

	const SHORTEST_S = 10;
	const LONGEST_S  = 300;
	// An option that ends while the shopper types the card's number is no use.
	const MARGIN_S = 30;

	/**
	 * The answer.
	 *
	 * @param array  $body     As received.
	 * @param string $currency The shop's; options in another cannot be charged.
	 * @param int    $now      Unix seconds.
	 * @return array {options_id, offers, fresh_until, why_empty}
	 * @throws Failure If it is no answer.
	 */
	public static function read( array $body, string $currency, int $now ): array {
		if ( ! isset( $body['rates'] ) || ! is_array( $body['rates'] ) ) {
			throw new Failure( 'UNREADABLE', 'the answer has no rates', 200, $body );
		}
		// A shop's clock may be wrong; the gateway's moments are moved into its time.
		$theirs = Clock::seconds( isset( $body['server_time'] ) ? $body['server_time'] : null );
		$shift  = 0 === $theirs ? 0 : $now - $theirs;
		$offers = array();
		foreach ( $body['rates'] as $given ) {
			$offer = is_array( $given ) ? self::offer( $given, $currency, $shift ) : array();
			if ( array() !== $offer ) {
				$offers[ $offer['code'] ] = $offer;
			}
		}
		return array(
			'options_id'  => self::text( $body, 'options_id' ),
			'offers'      => $offers,
			'fresh_until' => self::fresh_until( $body, $offers, $now ),
			'why_empty'   => self::text( $body, 'why_empty' ),
		);
	}

	/**
	 * One option.
	 *
	 * @param array  $given    As received.
	 * @param string $currency The shop's.
	 * @param int    $shift    Seconds between the gateway's clock and ours.
	 * @return array Empty where it cannot be sold.
	 */
	private static function offer( array $given, string $currency, int $shift ): array {
		$code = isset( $given['code'] ) && is_string( $given['code'] ) ? $given['code'] : '';
		$cost = isset( $given['cost_minor'] ) && is_int( $given['cost_minor'] ) ? $given['cost_minor'] : -1;
		if ( ! preg_match( '/^[A-Za-z0-9._-]{1,100}$/', $code ) || $cost < 0 || self::text( $given, 'currency' ) !== $currency ) {
			return array();
		}
		$window = isset( $given['window'] ) && is_array( $given['window'] ) ? $given['window'] : array();
		$stands = Clock::seconds( isset( $given['stands_until'] ) ? $given['stands_until'] : null );
		return array(
			'code'          => $code,
			'option_id'     => self::text( $given, 'option_id' ),
			'title'         => self::text( $given, 'title' ),
			'cost_minor'    => $cost,
			'description'   => self::text( $given, 'description' ),
			'delivery_time' => self::text( $given, 'delivery_time' ),
			'start'         => self::text( $window, 'start' ),
			'end'           => self::text( $window, 'end' ),
			'stands_until'  => 0 === $stands ? 0 : $stands + $shift,
			'slots'         => Slot::read_all( isset( $given['slots'] ) ? $given['slots'] : null ),
		);
	}

	/**
	 * Until when nobody need ask again.
	 *
	 * @param array $body   As received.
	 * @param array $offers As read.
	 * @param int   $now    Unix seconds.
	 */
	private static function fresh_until( array $body, array $offers, int $now ): int {
		$until   = $now + self::LONGEST_S;
		$refresh = isset( $body['refresh_after_s'] ) ? $body['refresh_after_s'] : null;
		if ( is_numeric( $refresh ) ) {
			$until = min( $until, $now + (int) $refresh );
		}
		foreach ( $offers as $offer ) {
			if ( 0 !== $offer['stands_until'] ) {
				$until = min( $until, $offer['stands_until'] - self::MARGIN_S );
			}
		}
		return max( $until, $now + self::SHORTEST_S );
	}

	/**
	 * A text of the answer, without tags.
	 *
	 * @param array  $given As received.
	 * @param string $name  Which.
	 */
	private static function text( array $given, string $name ): string {
		return isset( $given[ $name ] ) && is_string( $given[ $name ] ) ? sanitize_text_field( $given[ $name ] ) : '';
	}
}
