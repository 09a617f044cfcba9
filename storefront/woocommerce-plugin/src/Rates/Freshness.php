<?php
/**
 * When WooCommerce has to ask again.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Rates;

use Doorstep\WooCommerce\Clock;
use Doorstep\WooCommerce\Session;

defined( 'ABSPATH' ) || exit;

/**
 * WooCommerce keeps the rates of a package in the session without end, as long as the package looks the same.
 *
 * So every package carries a round, which is another number once the answer is old, and the slots that were picked.
 */
final class Freshness {

	/**
	 * The shopper's session.
	 *
	 * @var Session
	 */
	private $session;

	/**
	 * Which page this is.
	 *
	 * @var Place
	 */
	private $place;

	/**
	 * Tells the time.
	 *
	 * @var Clock
	 */
	private $clock;

	/**
	 * Makes one.
	 *
	 * @param Session $session The shopper's.
	 * @param Place   $place   Which page this is.
	 * @param Clock   $clock   Tells the time.
	 */
	public function __construct( Session $session, Place $place, Clock $clock ) {
		$this->session = $session;
		$this->place   = $place;
		$this->clock   = $clock;
	}

	/**
	 * Marks the packages.
	 *
	 * @param mixed $packages As WooCommerce made them.
	 * @return mixed
	 */
	public function mark( $packages ) {
		if ( ! is_array( $packages ) ) {
			return $packages;
		}
		$mark = array(
			'round' => $this->round(),
			'asks'  => $this->place->asks(),
			'slots' => $this->session->all( Session::SLOTS ),
		);
		foreach ( $packages as $key => $package ) {
			if ( is_array( $package ) ) {
				$packages[ $key ]['doorstep'] = $mark;
			}
		}
		return $packages;
	}

	/**
	 * An answer, or the want of one, is good for a while.
	 *
	 * @param int $until Unix seconds.
	 */
	public function good_until( int $until ): void {
		$kept = $this->kept();
		if ( 0 === $kept['until'] || $until < $kept['until'] ) {
			$kept['until'] = $until;
			$this->session->set( Session::ROUND, $kept );
		}
	}

	/**
	 * Begins another round at once.
	 */
	public function renew(): void {
		$this->session->set(
			Session::ROUND,
			array(
				'number' => $this->kept()['number'] + 1,
				'until'  => 0,
			)
		);
	}

	/**
	 * Seconds until the answers shown are old; 0 where nothing is known.
	 */
	public function seconds_left(): int {
		$until = $this->kept()['until'];
		return 0 === $until ? 0 : max( 1, $until - $this->clock->now() );
	}

	/**
	 * The number of this round.
	 */
	private function round(): int {
		$kept = $this->kept();
		$old  = 0 !== $kept['until'] && $kept['until'] <= $this->clock->now();
		if ( $old && $this->place->asks() && ! $this->place->submits() ) {
			$this->renew();
		}
		return $this->kept()['number'];
	}

	/**
	 * What the session has.
	 */
	private function kept(): array {
		$kept = $this->session->all( Session::ROUND );
		return array(
			'number' => isset( $kept['number'] ) ? (int) $kept['number'] : 1,
			'until'  => isset( $kept['until'] ) ? (int) $kept['until'] : 0,
		);
	}
}
