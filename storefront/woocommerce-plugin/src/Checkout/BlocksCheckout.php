<?php
/**
 * The checkout made of blocks.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Checkout;

use Doorstep\WooCommerce\Rates\Cache;
use Doorstep\WooCommerce\Rates\Freshness;
use Doorstep\WooCommerce\Rates\Rate;
use Doorstep\WooCommerce\Rates\Slot;

defined( 'ABSPATH' ) || exit;

/**
 * Slots travel with the cart of the Store API; options are taken as the order is placed.
 */
final class BlocksCheckout {

	const NAME = 'doorstep';

	/**
	 * Takes options.
	 *
	 * @var Choosing
	 */
	private $choosing;

	/**
	 * Writes into the order.
	 *
	 * @var OrderMark
	 */
	private $mark;

	/**
	 * Picked slots.
	 *
	 * @var Slots
	 */
	private $slots;

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
	 * @param Choosing  $choosing  Takes options.
	 * @param OrderMark $mark      Writes into the order.
	 * @param Slots     $slots     Picked slots.
	 * @param Cache     $cache     This shopper's answers.
	 * @param Freshness $freshness When to ask again.
	 */
	public function __construct( Choosing $choosing, OrderMark $mark, Slots $slots, Cache $cache, Freshness $freshness ) {
		$this->choosing  = $choosing;
		$this->mark      = $mark;
		$this->slots     = $slots;
		$this->cache     = $cache;
		$this->freshness = $freshness;
	}

	/**
	 * Hooks it in.
	 */
	public function hook(): void {
		add_action( 'woocommerce_store_api_checkout_update_order_from_request', array( $this, 'place' ), 1000, 2 );
		add_action( 'woocommerce_blocks_checkout_block_registration', array( $this, 'register' ) );
		add_action( 'woocommerce_blocks_cart_block_registration', array( $this, 'register' ) );
		if ( did_action( 'woocommerce_blocks_loaded' ) ) {
			$this->extend();
		} else {
			add_action( 'woocommerce_blocks_loaded', array( $this, 'extend' ) );
		}
	}

	/**
	 * Adds our script to a block.
	 *
	 * @param mixed $registry The block's.
	 */
	public function register( $registry ): void {
		if ( is_object( $registry ) && method_exists( $registry, 'register' ) ) {
			$registry->register( new BlocksScript() );
		}
	}

	/**
	 * Adds our part to the cart of the Store API.
	 */
	public function extend(): void {
		if ( ! function_exists( 'woocommerce_store_api_register_endpoint_data' ) ) {
			return;
		}
		woocommerce_store_api_register_endpoint_data(
			array(
				'endpoint'        => 'cart',
				'namespace'       => self::NAME,
				'data_callback'   => array( $this, 'data' ),
				'schema_callback' => array( $this, 'schema' ),
				'schema_type'     => ARRAY_A,
			)
		);
		woocommerce_store_api_register_update_callback(
			array(
				'namespace' => self::NAME,
				'callback'  => array( $this, 'update' ),
			)
		);
	}

	/**
	 * Our part of the cart: the slots of each rate, and how long all of it stands.
	 */
	public function data(): array {
		$data = array(
			'rates'      => array(),
			'refresh_in' => $this->freshness->seconds_left(),
		);
		if ( ! WC()->cart || ! WC()->session ) {
			return $data;
		}
		foreach ( WC()->shipping()->get_packages() as $package ) {
			foreach ( ChosenRates::ours( $package ) as $id => $rate ) {
				$offer = $this->cache->offer( ChosenRates::option_id( $rate ) );
				if ( array() !== $offer && array() !== $offer['slots'] ) {
					$data['rates'][] = self::slots_of( (string) $id, $offer, ChosenRates::meta( $rate, Rate::SLOT ) );
				}
			}
		}
		return $data;
	}

	/**
	 * What our part looks like.
	 */
	public function schema(): array {
		return array(
			'rates'      => array(
				'description' => __( 'Delivery times to choose from, by rate.', 'doorstep' ),
				'type'        => 'array',
				'context'     => array( 'view', 'edit' ),
				'readonly'    => true,
			),
			'refresh_in' => array(
				'description' => __( 'Seconds until the options are asked for again; 0 where nothing is known.', 'doorstep' ),
				'type'        => 'integer',
				'context'     => array( 'view', 'edit' ),
				'readonly'    => true,
			),
		);
	}

	/**
	 * The page picked a slot, or wants a fresh look: the cart is worked out anew after this.
	 *
	 * @param mixed $data As the page sent it.
	 */
	public function update( $data ): void {
		if ( is_array( $data ) && isset( $data['code'], $data['slot'] ) ) {
			$this->slots->pick( $data['code'], $data['slot'] );
		}
	}

	/**
	 * The shopper pressed "Place order".
	 *
	 * @param mixed $order   The draft.
	 * @param mixed $request The Store API's.
	 * @throws \Exception The Store API's own, which the page shows to the shopper.
	 */
	public function place( $order, $request ): void {
		if ( ! $order instanceof \WC_Order || ! $request instanceof \WP_REST_Request || 'POST' !== $request->get_method() ) {
			return;
		}
		// Paying for an order that exists already has no cart.
		if ( ! WC()->cart || WC()->cart->is_empty() || ! WC()->cart->needs_shipping() ) {
			return;
		}
		$messages = $this->choosing->choose();
		if ( array() === $messages ) {
			$this->mark->refresh_lines( $order );
			$this->mark->write( $order );
			return;
		}
		WC()->cart->calculate_shipping();
		WC()->cart->calculate_totals();
		$exception = '\Automattic\WooCommerce\StoreApi\Exceptions\RouteException';
		// With 409 the page gets the cart as it is now, and shows the new options at once.
		throw new $exception( 'doorstep_option_gone', esc_html( implode( ' ', $messages ) ), 409 );
	}

	/**
	 * The slots of one rate.
	 *
	 * @param string $id    The rate's.
	 * @param array  $offer The option.
	 * @param string $taken The slot that is selected.
	 */
	private static function slots_of( string $id, array $offer, string $taken ): array {
		$slots = array();
		foreach ( $offer['slots'] as $slot ) {
			$slots[] = array(
				'id'    => $slot['id'],
				'label' => SlotPicker::words( $slot ),
			);
		}
		return array(
			'rate_id' => $id,
			'code'    => $offer['code'],
			'slot'    => Slot::taken( $offer['slots'], $taken )['id'],
			'slots'   => $slots,
		);
	}
}
