<?php
/**
 * How long one page may wait for us.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce;

defined( 'ABSPATH' ) || exit;

/**
 * Shared by all questions of one request: a cart of five packages waits no longer than a cart of one.
 */
final class Budget {

	const CALL_S  = 2.0;
	const TOTAL_S = 2.5;
	const LEAST_S = 1.0; // cURL's own lower bound where the system resolves names.

	/**
	 * Seconds that were waited so far.
	 *
	 * @var float
	 */
	private $spent_s = 0.0;

	/**
	 * Seconds that the next call may take; 0.0 where there is no time for one.
	 */
	public function next_s(): float {
		$left = min( self::CALL_S, self::TOTAL_S - $this->spent_s );
		return $left < self::LEAST_S ? 0.0 : $left;
	}

	/**
	 * Notes a call.
	 *
	 * @param float $seconds How long it took.
	 */
	public function spend( float $seconds ): void {
		$this->spent_s += max( 0.0, $seconds );
	}

	/**
	 * The shopper pressed "Place order": choosing has its own time.
	 */
	public function renew(): void {
		$this->spent_s = 0.0;
	}
}
