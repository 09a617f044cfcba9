<?php
/**
 * What stands under an option in the classic cart and checkout.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Checkout;

use Doorstep\WooCommerce\Money;
use Doorstep\WooCommerce\Rates\Cache;
use Doorstep\WooCommerce\Rates\Freshness;
use Doorstep\WooCommerce\Rates\Rate;
use Doorstep\WooCommerce\Rates\ShippingMethod;
use Doorstep\WooCommerce\Rates\Slot;

defined( 'ABSPATH' ) || exit;

/**
 * When it comes, a sentence, and the times to choose from.
 */
final class SlotPicker {

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
	 * Hooks it in.
	 */
	public function hook(): void {
		add_action( 'woocommerce_after_shipping_rate', array( $this, 'show' ), 10, 2 );
		add_action( 'woocommerce_review_order_after_shipping', array( $this, 'show_age' ) );
	}

	/**
	 * Shows it under one rate.
	 *
	 * @param mixed $rate  WooCommerce's rate.
	 * @param mixed $index The package's.
	 */
	public function show( $rate, $index ): void {
		if ( ! $rate instanceof \WC_Shipping_Rate || ShippingMethod::ID !== $rate->get_method_id() ) {
			return;
		}
		$offer = $this->cache->offer( ChosenRates::option_id( $rate ) );
		if ( array() === $offer ) {
			return;
		}
		$slot = Slot::taken( $offer['slots'], ChosenRates::meta( $rate, Rate::SLOT ) );
		$time = array() === $slot ? $offer['delivery_time'] : $slot['label'];
		// Before WooCommerce 9.7 the name has it already.
		if ( '' !== $time && method_exists( $rate, 'get_delivery_time' ) ) {
			echo '<span class="doorstep-time">' . esc_html( $time ) . '</span>';
		}
		if ( '' !== $offer['description'] && $offer['description'] !== $time ) {
			echo '<span class="doorstep-description">' . esc_html( $offer['description'] ) . '</span>';
		}
		$selected = WC()->session ? (array) WC()->session->get( 'chosen_shipping_methods', array() ) : array();
		if ( is_checkout() && isset( $selected[ $index ] ) && $selected[ $index ] === $rate->get_id() ) {
			self::show_slots( $offer, $slot );
		}
	}

	/**
	 * Tells the page how long its options stand.
	 */
	public function show_age(): void {
		$seconds = $this->freshness->seconds_left();
		if ( $seconds > 0 ) {
			echo '<tr class="doorstep-age" hidden data-seconds="' . esc_attr( (string) $seconds ) . '"><td colspan="2"></td></tr>';
		}
	}

	/**
	 * The times to choose from.
	 *
	 * @param array $offer The option.
	 * @param array $taken The slot that is selected.
	 */
	private static function show_slots( array $offer, array $taken ): void {
		if ( array() === $offer['slots'] ) {
			return;
		}
		$id = 'doorstep-slot-' . sanitize_html_class( $offer['code'] );
		echo '<span class="doorstep-slots"><label for="' . esc_attr( $id ) . '">' . esc_html__( 'Delivery time', 'doorstep' ) . '</label> ';
		echo '<select class="doorstep-slot" id="' . esc_attr( $id ) . '" name="doorstep_slot[' . esc_attr( $offer['code'] ) . ']">';
		foreach ( $offer['slots'] as $slot ) {
			echo '<option value="' . esc_attr( $slot['id'] ) . '"' . selected( $slot['id'], $taken['id'], false ) . '>' . esc_html( self::words( $slot ) ) . '</option>';
		}
		echo '</select></span>';
	}

	/**
	 * A slot with what it costs on top.
	 *
	 * @param array $slot As `Slot::read_all` makes it.
	 */
	public static function words( array $slot ): string {
		if ( 0 === $slot['price_minor'] ) {
			return $slot['label'];
		}
		$price = wc_price( (float) Money::major( $slot['price_minor'], get_woocommerce_currency() ) );
		$price = html_entity_decode( wp_strip_all_tags( $price ), ENT_QUOTES, 'UTF-8' );
		/* translators: 1: a delivery time, 2: what it costs on top */
		return sprintf( __( '%1$s (+%2$s)', 'doorstep' ), $slot['label'], $price );
	}
}
