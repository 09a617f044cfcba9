<?php
/**
 * Doorstep in a shipping zone.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Rates;

use Doorstep\WooCommerce\Log;
use Doorstep\WooCommerce\Plugin;

defined( 'ABSPATH' ) || exit;

/**
 * The shipping method: one rate for each option.
 */
final class ShippingMethod extends \WC_Shipping_Method {

	const ID = 'doorstep';

	/**
	 * Makes one.
	 *
	 * @param int $instance_id Its instance in a zone.
	 */
	public function __construct( $instance_id = 0 ) {
		parent::__construct( $instance_id );
		$this->id                   = self::ID;
		$this->instance_id          = absint( $instance_id );
		$this->method_title         = __( 'Doorstep', 'doorstep' );
		$this->method_description   = __( 'Own vans, couriers and parcel carriers, as your Doorstep gateway offers them for each cart.', 'doorstep' );
		$this->supports             = array( 'shipping-zones', 'instance-settings', 'instance-settings-modal' );
		$this->instance_form_fields = self::fields();
		$this->title                = $this->get_option( 'title', $this->method_title );
		$this->tax_status           = $this->get_option( 'tax_status', 'taxable' );
		add_action( 'woocommerce_update_options_shipping_' . $this->id, array( $this, 'process_admin_options' ) );
	}

	/**
	 * What the merchant sets in each zone.
	 */
	private static function fields(): array {
		return array(
			'title'          => array(
				'title'       => __( 'Name', 'doorstep' ),
				'type'        => 'text',
				'default'     => __( 'Doorstep', 'doorstep' ),
				'description' => __( 'Shown in your list of methods. Shoppers read the name of each option.', 'doorstep' ),
				'desc_tip'    => true,
			),
			'tax_status'     => array(
				'title'   => __( 'Tax status', 'doorstep' ),
				'type'    => 'select',
				'default' => 'taxable',
				'options' => array(
					'taxable' => __( 'Taxable', 'doorstep' ),
					'none'    => __( 'None', 'doorstep' ),
				),
			),
			'fallback_cost'  => array(
				'title'       => __( 'Fallback price', 'doorstep' ),
				'type'        => 'price',
				'default'     => '',
				'placeholder' => __( 'No fallback', 'doorstep' ),
				'description' => __( 'Offered while the gateway does not answer, so that you keep selling. Empty: nothing is offered then.', 'doorstep' ),
				'desc_tip'    => true,
			),
			'fallback_title' => array(
				'title'   => __( 'Name of the fallback', 'doorstep' ),
				'type'    => 'text',
				'default' => __( 'Delivery', 'doorstep' ),
			),
		);
	}

	/**
	 * Adds the rates of a package. Nothing that goes wrong here may reach the cart.
	 *
	 * @param array $package As WooCommerce made it.
	 */
	public function calculate_shipping( $package = array() ) {
		try {
			$offers = Plugin::get()->source()->offers( (array) $package, $this->instance_id );
			$rates  = $offers->unanswered ? array() : $this->rates_of( $offers, Question::articles( (array) $package ) );
			$failed = $offers->unanswered;
		} catch ( \Throwable $trouble ) {
			Log::warning( 'Delivery options could not be worked out: ' . $trouble->getMessage() );
			$rates  = array();
			$failed = true;
			Plugin::get()->freshness()->good_until( time() + Source::AGAIN_S );
		}
		if ( $failed ) {
			$rates = array_filter( array( Fallback::rate( (string) $this->get_option( 'fallback_cost' ), (string) $this->get_option( 'fallback_title' ) ) ) );
		}
		foreach ( $rates as $rate ) {
			$this->add( $rate, (array) $package );
		}
	}

	/**
	 * Offers as rates.
	 *
	 * @param Offers $offers   Of the package.
	 * @param string $articles What the package holds.
	 */
	private function rates_of( Offers $offers, string $articles ): array {
		$picked = Plugin::get()->slots();
		$rates  = array();
		foreach ( $offers->all as $offer ) {
			$rates[] = Rate::of( $offer, $offers->options_id, $picked->of( $offer['code'] ), get_woocommerce_currency(), $articles );
		}
		return $rates;
	}

	/**
	 * Adds one rate.
	 *
	 * @param array $rate    As `Rate::of` or `Fallback::rate` makes it.
	 * @param array $package As WooCommerce made it.
	 */
	private function add( array $rate, array $package ): void {
		$id    = $this->get_rate_id( $rate['code'] );
		$time  = isset( $rate['delivery_time'] ) ? $rate['delivery_time'] : '';
		$label = $rate['label'];
		// Rates know a delivery time since WooCommerce 9.7; before, the name is the only place that both checkouts show.
		if ( '' !== $time && ! method_exists( '\WC_Shipping_Rate', 'set_delivery_time' ) ) {
			/* translators: 1: name of a delivery option, 2: when it comes */
			$label = sprintf( __( '%1$s (%2$s)', 'doorstep' ), $label, $time );
		}
		$this->add_rate(
			array(
				'id'        => $id,
				'label'     => $label,
				'cost'      => $rate['cost'],
				'package'   => $package,
				'meta_data' => $rate['meta'],
			)
		);
		// Some versions have the rate's own setters, but an `add_rate` that drops both texts.
		$made = isset( $this->rates[ $id ] ) ? $this->rates[ $id ] : null;
		if ( is_object( $made ) && method_exists( $made, 'set_delivery_time' ) ) {
			$made->set_delivery_time( $time );
			$made->set_description( isset( $rate['description'] ) ? $rate['description'] : '' );
		}
	}
}
