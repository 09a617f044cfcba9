<?php
/**
 * Tracking on the shop's own pages.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Tracking;

use Doorstep\WooCommerce\Connection;
use Doorstep\WooCommerce\Options;

defined( 'ABSPATH' ) || exit;

/**
 * In My Account, on the page after the order, and where `[woocommerce_order_tracking]` stands.
 *
 * The link works without scripts and while the gateway is away; the live view is put under it.
 */
final class OrderPages {

	/**
	 * The gateway.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * Orders shown on this page already: the tracking shortcode ends in the order's table, and both have a hook.
	 *
	 * @var array
	 */
	private $shown = array();

	/**
	 * Makes one.
	 *
	 * @param Connection $connection The gateway.
	 */
	public function __construct( Connection $connection ) {
		$this->connection = $connection;
	}

	/**
	 * Hooks it in.
	 */
	public function hook(): void {
		add_action( 'woocommerce_track_order', array( $this, 'show_by_id' ) );
		add_action( 'woocommerce_order_details_after_order_table', array( $this, 'show' ) );
		add_filter( 'woocommerce_my_account_my_orders_actions', array( $this, 'add_action' ), 10, 2 );
	}

	/**
	 * Shows an order's tracking.
	 *
	 * @param mixed $order_id The order's id.
	 */
	public function show_by_id( $order_id ): void {
		$order = is_numeric( $order_id ) ? wc_get_order( (int) $order_id ) : null;
		if ( $order ) {
			$this->show( $order );
		}
	}

	/**
	 * Shows an order's tracking, once.
	 *
	 * @param mixed $order The order.
	 */
	public function show( $order ): void {
		if ( ! $order instanceof \WC_Order || isset( $this->shown[ $order->get_id() ] ) ) {
			return;
		}
		$delivery = Delivery::of( $order );
		if ( ! $delivery->trackable() ) {
			return;
		}
		$this->shown[ $order->get_id() ] = true;
		echo '<section class="doorstep-tracking"><h2>' . esc_html__( 'Delivery', 'doorstep' ) . '</h2>';
		echo '<p>' . esc_html( Words::of( $delivery->status ) ) . ' <a href="' . esc_url( $delivery->tracking_url ) . '" rel="noopener">';
		echo esc_html__( 'Track your delivery', 'doorstep' ) . '</a></p>';
		$this->show_live( $delivery );
		echo '</section>';
	}

	/**
	 * A button in the list of orders.
	 *
	 * @param mixed $actions By name.
	 * @param mixed $order   The order.
	 * @return mixed
	 */
	public function add_action( $actions, $order ) {
		if ( ! is_array( $actions ) || ! $order instanceof \WC_Order ) {
			return $actions;
		}
		$delivery = Delivery::of( $order );
		if ( $delivery->trackable() ) {
			$actions['doorstep_track'] = array(
				'url'  => $delivery->tracking_url,
				'name' => __( 'Track', 'doorstep' ),
			);
		}
		return $actions;
	}

	/**
	 * The live view.
	 *
	 * @param Delivery $delivery The order's.
	 */
	private function show_live( Delivery $delivery ): void {
		$gateway = $this->connection->part( 'gateway' );
		$token   = $delivery->token( $gateway );
		if ( '' === $token || ! Options::on( Options::LIVE ) ) {
			return;
		}
		// WordPress has had script modules in its queue since 6.5 only.
		wp_print_script_tag(
			array(
				'type' => 'module',
				'src'  => esc_url_raw( $gateway . '/static/doorstep.js' ),
			)
		);
		echo '<doorstep-tracking gateway="' . esc_url( $gateway ) . '" token="' . esc_attr( $token ) . '" locale="' . esc_attr( str_replace( '_', '-', determine_locale() ) ) . '"></doorstep-tracking>';
	}
}
