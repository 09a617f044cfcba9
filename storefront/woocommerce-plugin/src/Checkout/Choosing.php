<?php
/**
 * Takes the option that the shopper selected, before anything is paid.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Checkout;

use Doorstep\WooCommerce\Breaker;
use Doorstep\WooCommerce\Budget;
use Doorstep\WooCommerce\Client;
use Doorstep\WooCommerce\Clock;
use Doorstep\WooCommerce\Failure;
use Doorstep\WooCommerce\Log;
use Doorstep\WooCommerce\Rates\Rate;
use Doorstep\WooCommerce\Session;

defined( 'ABSPATH' ) || exit;

/**
 * Both checkouts ask here. A gateway that is away stops no sale; an option that is gone does.
 */
final class Choosing {

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
	 * Puts right what the shopper sees.
	 *
	 * @var Mending
	 */
	private $mending;

	/**
	 * The shopper's session.
	 *
	 * @var Session
	 */
	private $session;

	/**
	 * What shoppers may be made to wait.
	 *
	 * @var Budget
	 */
	private $budget;

	/**
	 * Tells the time.
	 *
	 * @var Clock
	 */
	private $clock;

	/**
	 * Makes one.
	 *
	 * @param Client  $client  Calls the gateway.
	 * @param Breaker $breaker Leaves it alone while it is down.
	 * @param Mending $mending Puts right what the shopper sees.
	 * @param Session $session The shopper's.
	 * @param Budget  $budget  What shoppers may be made to wait.
	 * @param Clock   $clock   Tells the time.
	 */
	public function __construct( Client $client, Breaker $breaker, Mending $mending, Session $session, Budget $budget, Clock $clock ) {
		$this->client  = $client;
		$this->breaker = $breaker;
		$this->mending = $mending;
		$this->session = $session;
		$this->budget  = $budget;
		$this->clock   = $clock;
	}

	/**
	 * Takes the options of all packages.
	 *
	 * @return string[] What the shopper has to read before paying; empty where all is well.
	 */
	public function choose(): array {
		$messages = array();
		try {
			$this->budget->renew();
			foreach ( ChosenRates::all() as $package => $rate ) {
				$messages[] = $this->choose_one( $rate, (string) $package );
			}
		} catch ( \Throwable $trouble ) {
			Log::warning( 'An option could not be taken: ' . $trouble->getMessage() );
		}
		return array_values( array_unique( array_filter( $messages, 'strlen' ) ) );
	}

	/**
	 * The gateway's id of what was taken, or ''.
	 *
	 * @param \WC_Shipping_Rate $rate    A rate of ours.
	 * @param string            $package The package's key in the cart.
	 */
	public function choice_of( \WC_Shipping_Rate $rate, string $package ): string {
		$kept = $this->kept( $package );
		return self::what( $rate ) === $kept['what'] ? $kept['choice'] : '';
	}

	/**
	 * Takes one option.
	 *
	 * @param \WC_Shipping_Rate $rate    A rate of ours.
	 * @param string            $package The package's key in the cart.
	 * @return string What the shopper has to read, or ''.
	 */
	private function choose_one( \WC_Shipping_Rate $rate, string $package ): string {
		if ( $this->taken_already( $rate, $package ) ) {
			return '';
		}
		try {
			if ( ! $this->breaker->allows() ) {
				throw new Failure( 'RESTING', 'the gateway is left alone for a while' );
			}
			// Whatever comes back, what was taken for this package before may be given up from here on.
			$this->keep( $package, array( 'what' => '' ) );
			$answer = $this->client->choose( $this->body( $rate, $package ) );
			$this->breaker->succeeded();
		} catch ( Failure $failure ) {
			return $this->without( $failure, $rate );
		}
		$price = isset( $answer['price_minor'] ) && is_int( $answer['price_minor'] ) ? $answer['price_minor'] : 0;
		if ( $price > ChosenRates::cost_minor( $rate ) ) {
			return $this->mending->dearer( $rate, $price );
		}
		$this->remember( $rate, $package, $answer );
		return '';
	}

	/**
	 * What to send.
	 *
	 * @param \WC_Shipping_Rate $rate    A rate of ours.
	 * @param string            $package The package's key in the cart.
	 */
	private function body( \WC_Shipping_Rate $rate, string $package ): array {
		$slot = ChosenRates::meta( $rate, Rate::SLOT );
		return array(
			'idempotency_key' => $this->key( $rate, $package ),
			'options_id'      => ChosenRates::meta( $rate, Rate::OPTIONS ),
			'option_id'       => ChosenRates::option_id( $rate ),
			'slot_id'         => '' === $slot ? null : $slot,
			'cart_id'         => $this->session->cart_id(),
			'package'         => $package,
			'locale'          => determine_locale(),
		);
	}

	/**
	 * The same for the same option, slot and package, however often "Place order" is pressed, until something is taken.
	 *
	 * Who takes the first option again after another one takes it anew: the gateway has given its slot away.
	 *
	 * @param \WC_Shipping_Rate $rate    A rate of ours.
	 * @param string            $package The package's key in the cart.
	 */
	private function key( \WC_Shipping_Rate $rate, string $package ): string {
		$parts = array( $this->session->cart_id(), $package, self::what( $rate ), $this->kept( $package )['turn'] );
		return 'wc-' . substr( hash( 'sha256', implode( '|', $parts ) ), 0, 48 );
	}

	/**
	 * What a rate takes: an option, and its slot.
	 *
	 * @param \WC_Shipping_Rate $rate A rate of ours.
	 */
	private static function what( \WC_Shipping_Rate $rate ): string {
		return ChosenRates::meta( $rate, Rate::OPTION ) . '|' . ChosenRates::meta( $rate, Rate::SLOT );
	}

	/**
	 * Whether it was taken for this package and still is.
	 *
	 * @param \WC_Shipping_Rate $rate    A rate of ours.
	 * @param string            $package The package's key in the cart.
	 */
	private function taken_already( \WC_Shipping_Rate $rate, string $package ): bool {
		$kept = $this->kept( $package );
		return self::what( $rate ) === $kept['what'] && $kept['until'] > $this->clock->now();
	}

	/**
	 * Keeps what was taken, for the order that comes of it.
	 *
	 * @param \WC_Shipping_Rate $rate    A rate of ours.
	 * @param string            $package The package's key in the cart.
	 * @param array             $answer  The gateway's.
	 */
	private function remember( \WC_Shipping_Rate $rate, string $package, array $answer ): void {
		$taken = array(
			'what'   => self::what( $rate ),
			'choice' => isset( $answer['choice'] ) && is_string( $answer['choice'] ) ? sanitize_text_field( $answer['choice'] ) : '',
			'until'  => Clock::seconds( isset( $answer['locked_until'] ) ? $answer['locked_until'] : null ),
			'turn'   => $this->kept( $package )['turn'] + 1,
		);
		$this->keep( $package, $taken );
	}

	/**
	 * What was taken last for a package.
	 *
	 * @param string $package The package's key in the cart.
	 * @return array {what, choice, until, turn}
	 */
	private function kept( string $package ): array {
		$kept = $this->session->all( Session::CHOICES );
		$one  = isset( $kept[ $package ] ) && is_array( $kept[ $package ] ) ? $kept[ $package ] : array();
		return $one + array(
			'what'   => '',
			'choice' => '',
			'until'  => 0,
			'turn'   => 0,
		);
	}

	/**
	 * Keeps it.
	 *
	 * @param string $package The package's key in the cart.
	 * @param array  $changes Parts of what `kept` gives.
	 */
	private function keep( string $package, array $changes ): void {
		$kept             = $this->session->all( Session::CHOICES );
		$kept[ $package ] = $changes + $this->kept( $package );
		$this->session->set( Session::CHOICES, array_slice( $kept, -20, null, true ) );
	}

	/**
	 * The gateway said no, or nothing.
	 *
	 * @param Failure           $failure What happened.
	 * @param \WC_Shipping_Rate $rate    A rate of ours.
	 * @return string What the shopper has to read, or ''.
	 */
	private function without( Failure $failure, \WC_Shipping_Rate $rate ): string {
		if ( 409 === $failure->status ) {
			return $this->mending->gone( $rate, $failure );
		}
		$away = ! $failure->refused();
		if ( $away && ! in_array( $failure->reason, array( 'RESTING', 'NO_TIME', 'NOT_CONNECTED' ), true ) ) {
			$this->breaker->failed( $failure->wait_s );
		}
		if ( $this->over( $rate ) ) {
			return $this->mending->gone( $rate, $failure );
		}
		// The order names the option: the gateway books it, or the next in rank, once it is back.
		Log::warning( 'An order goes on without its option being taken: ' . $failure->reason . ' ' . $failure->getMessage() );
		return '';
	}

	/**
	 * Whether the promised time has passed: nobody may pay for that, gateway or not.
	 *
	 * @param \WC_Shipping_Rate $rate A rate of ours.
	 */
	private function over( \WC_Shipping_Rate $rate ): bool {
		$parts = explode( '/', ChosenRates::meta( $rate, Rate::WINDOW ) );
		$end   = Clock::seconds( (string) end( $parts ) );
		return 0 !== $end && $end <= $this->clock->now();
	}
}
