<?php
/**
 * Where rates come from.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Rates;

use Doorstep\WooCommerce\Breaker;
use Doorstep\WooCommerce\Client;
use Doorstep\WooCommerce\Clock;
use Doorstep\WooCommerce\Failure;
use Doorstep\WooCommerce\Log;
use Doorstep\WooCommerce\Session;

defined( 'ABSPATH' ) || exit;

/**
 * The session's answers first, then the gateway; without either the method has its fallback.
 */
final class Source {

	// After a call that failed, the next look of this shopper.
	const AGAIN_S = 20;

	/**
	 * Calls the gateway.
	 *
	 * @var Client
	 */
	private $client;

	/**
	 * Leaves it alone while it is down.
	 *
	 * @var Breaker
	 */
	private $breaker;

	/**
	 * This shopper's answers.
	 *
	 * @var Cache
	 */
	private $cache;

	/**
	 * When to ask again.
	 *
	 * @var Freshness
	 */
	private $freshness;

	/**
	 * Which page this is.
	 *
	 * @var Place
	 */
	private $place;

	/**
	 * The shopper's session.
	 *
	 * @var Session
	 */
	private $session;

	/**
	 * Tells the time.
	 *
	 * @var Clock
	 */
	private $clock;

	/**
	 * Makes one.
	 *
	 * @param Client    $client    Calls the gateway.
	 * @param Breaker   $breaker   Leaves it alone while it is down.
	 * @param Cache     $cache     This shopper's answers.
	 * @param Freshness $freshness When to ask again.
	 * @param Place     $place     Which page this is.
	 * @param Session   $session   The shopper's.
	 * @param Clock     $clock     Tells the time.
	 */
	public function __construct( Client $client, Breaker $breaker, Cache $cache, Freshness $freshness, Place $place, Session $session, Clock $clock ) {
		$this->client    = $client;
		$this->breaker   = $breaker;
		$this->cache     = $cache;
		$this->freshness = $freshness;
		$this->place     = $place;
		$this->session   = $session;
		$this->clock     = $clock;
	}

	/**
	 * The offers for a package.
	 *
	 * @param array $package     As `calculate_shipping` gets it.
	 * @param int   $instance_id The method's instance in its zone.
	 * @return Offers
	 */
	public function offers( array $package, int $instance_id ): Offers {
		$question = Question::of( $package, $instance_id, get_woocommerce_currency(), determine_locale() );
		if ( array() === $question ) {
			return Offers::none();
		}
		$key   = Question::key( $question );
		$known = $this->cache->find( $key );
		if ( array() !== $known && $this->serves( $known ) ) {
			$this->freshness->good_until( max( $known['fresh_until'], $this->clock->now() + 1 ) );
			return Offers::of( $known );
		}
		if ( ! $this->place->asks() ) {
			return Offers::none();
		}
		return $this->ask( $question, $key, $known );
	}

	/**
	 * Whether a kept answer is good enough for this page.
	 *
	 * @param array $known A kept answer.
	 */
	private function serves( array $known ): bool {
		return $known['fresh_until'] > $this->clock->now() || ! $this->place->asks() || $this->place->submits();
	}

	/**
	 * Asks the gateway.
	 *
	 * @param array  $question What to ask.
	 * @param string $key      The question's.
	 * @param array  $known    An old answer, or none.
	 */
	private function ask( array $question, string $key, array $known ): Offers {
		try {
			if ( ! $this->breaker->allows() ) {
				throw new Failure( 'RESTING', 'the gateway is left alone for a while' );
			}
			$body   = $this->client->rates( array( 'cart_id' => $this->session->cart_id() ) + $question );
			$answer = Answer::read( $body, $question['currency'], $this->clock->now() );
			$this->breaker->succeeded();
		} catch ( Failure $failure ) {
			return $this->without( $failure, $known );
		}
		if ( array() === $answer['offers'] && '' !== $answer['why_empty'] ) {
			Log::info( 'No delivery options: ' . $answer['why_empty'] );
		}
		$this->cache->keep( $key, $answer );
		$this->freshness->good_until( $answer['fresh_until'] );
		return Offers::of( $answer );
	}

	/**
	 * What is left when the gateway does not answer: options that still stand, or the fallback.
	 *
	 * @param Failure $failure What happened.
	 * @param array   $known   An old answer, or none.
	 */
	private function without( Failure $failure, array $known ): Offers {
		if ( ! in_array( $failure->reason, array( 'RESTING', 'NO_TIME', 'NOT_CONNECTED' ), true ) ) {
			$this->breaker->failed( $failure->wait_s );
			Log::warning( 'No delivery options from the gateway: ' . $failure->reason . ' ' . $failure->getMessage() );
		}
		$now = $this->clock->now();
		$this->freshness->good_until( $now + max( self::AGAIN_S, $this->breaker->rests_s() ) );
		if ( array() === $known ) {
			return Offers::unanswered();
		}
		$standing        = static function ( $offer ) use ( $now ) {
			return $offer['stands_until'] > $now;
		};
		$known['offers'] = array_filter( $known['offers'], $standing );
		return array() === $known['offers'] ? Offers::unanswered() : Offers::of( $known );
	}
}
