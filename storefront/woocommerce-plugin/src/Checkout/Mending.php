<?php
/**
 * When an option is gone at the last moment.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Checkout;

use Doorstep\WooCommerce\Failure;
use Doorstep\WooCommerce\Rates\Cache;
use Doorstep\WooCommerce\Rates\Freshness;
use Doorstep\WooCommerce\Rates\Rate;
use Doorstep\WooCommerce\Rates\Slot;

defined( 'ABSPATH' ) || exit;

/**
 * Corrects what is kept, so that the shopper's next look is right, and says what happened.
 */
final class Mending {

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
	 * Makes one.
	 *
	 * @param Cache     $cache     This shopper's answers.
	 * @param Freshness $freshness When to ask again.
	 */
	public function __construct( Cache $cache, Freshness $freshness ) {
		$this->cache     = $cache;
		$this->freshness = $freshness;
	}

	/**
	 * The option or its time is gone.
	 *
	 * @param \WC_Shipping_Rate $rate    A rate of ours.
	 * @param Failure           $failure The gateway's answer.
	 * @return string What the shopper reads.
	 */
	public function gone( \WC_Shipping_Rate $rate, Failure $failure ): string {
		$this->freshness->renew();
		if ( 'SLOT_UNAVAILABLE' !== $failure->reason ) {
			$this->cache->forget();
			return __( 'The delivery that you chose is no longer available. We have brought the options up to date: please choose again.', 'doorstep' );
		}
		$slots = Slot::read_all( isset( $failure->body['slots'] ) ? $failure->body['slots'] : null );
		if ( array() === $slots ) {
			$this->cache->forget();
			return __( 'The delivery time that you chose has just been taken, and it was the last one. Please choose another way of delivery.', 'doorstep' );
		}
		$this->cache->correct( ChosenRates::option_id( $rate ), array( 'slots' => $slots ) );
		return __( 'The delivery time that you chose has just been taken. We have selected the next free one: please check it or choose another.', 'doorstep' );
	}

	/**
	 * The option costs more than was shown.
	 *
	 * @param \WC_Shipping_Rate $rate        A rate of ours.
	 * @param int               $price_minor What it costs now, its slot included.
	 * @return string What the shopper reads.
	 */
	public function dearer( \WC_Shipping_Rate $rate, int $price_minor ): string {
		$offer = $this->cache->offer( ChosenRates::option_id( $rate ) );
		$this->freshness->renew();
		if ( array() === $offer ) {
			$this->cache->forget();
		} else {
			$slot  = Slot::taken( $offer['slots'], ChosenRates::meta( $rate, Rate::SLOT ) );
			$extra = array() === $slot ? 0 : $slot['price_minor'];
			$this->cache->correct( $offer['option_id'], array( 'cost_minor' => max( 0, $price_minor - $extra ) ) );
		}
		return __( 'The price of the delivery that you chose has changed. Please check the total and place your order again.', 'doorstep' );
	}
}
