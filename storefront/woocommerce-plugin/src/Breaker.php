<?php
/**
 * Leaves a gateway alone that is down.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce;

defined( 'ABSPATH' ) || exit;

/**
 * Kept in a transient, so that all shoppers together wait for a dead gateway a few times and not once each.
 */
final class Breaker {

	const KEY          = 'doorstep_breaker';
	const FAILURES     = 3;
	const REST_S       = 30;
	const LONGEST_S    = 300;
	const TRIAL_S      = 5;
	const REMEMBERED_S = 600;

	/**
	 * Tells the time.
	 *
	 * @var Clock
	 */
	private $clock;

	/**
	 * Makes one.
	 *
	 * @param Clock $clock Tells the time.
	 */
	public function __construct( Clock $clock ) {
		$this->clock = $clock;
	}

	/**
	 * Whether a call may be tried now. After a rest one shopper tries, the others go on without.
	 */
	public function allows(): bool {
		$kept = $this->kept();
		if ( $kept['failures'] < self::FAILURES && 0 === $kept['until'] ) {
			return true;
		}
		if ( $kept['until'] > $this->clock->now() ) {
			return false;
		}
		if ( 0 !== $kept['until'] ) {
			$kept['until'] = $this->clock->now() + self::TRIAL_S;
			set_transient( self::KEY, $kept, self::REMEMBERED_S );
		}
		return true;
	}

	/**
	 * Seconds until the next try; 0 where nothing holds it back.
	 */
	public function rests_s(): int {
		return max( 0, $this->kept()['until'] - $this->clock->now() );
	}

	/**
	 * A call was answered.
	 */
	public function succeeded(): void {
		if ( false !== get_transient( self::KEY ) ) {
			delete_transient( self::KEY );
		}
	}

	/**
	 * A call was not answered.
	 *
	 * @param int $wait_s How long the gateway asked to be left alone; 0 where it said nothing.
	 */
	public function failed( int $wait_s = 0 ): void {
		$kept = $this->kept();
		++$kept['failures'];
		if ( $kept['failures'] >= self::FAILURES || $wait_s > 0 ) {
			$kept['until'] = $this->clock->now() + min( self::LONGEST_S, max( self::REST_S, $wait_s ) );
		}
		set_transient( self::KEY, $kept, self::REMEMBERED_S );
	}

	/**
	 * What is known: failures in a row, and until when to rest.
	 */
	private function kept(): array {
		$kept = get_transient( self::KEY );
		$kept = is_array( $kept ) ? $kept : array();
		return array(
			'failures' => isset( $kept['failures'] ) ? (int) $kept['failures'] : 0,
			'until'    => isset( $kept['until'] ) ? (int) $kept['until'] : 0,
		);
	}
}
