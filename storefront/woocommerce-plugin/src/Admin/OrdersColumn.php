<?php
/**
 * A column in the list of orders.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Admin;

use Doorstep\WooCommerce\Tracking\Delivery;
use Doorstep\WooCommerce\Tracking\Words;

defined( 'ABSPATH' ) || exit;

/**
 * From what the order itself has: the list never calls the gateway.
 */
final class OrdersColumn {

	const NAME = 'doorstep';

	/**
	 * Hooks it in, for both places where a shop may keep its orders.
	 */
	public function hook(): void {
		add_filter( 'manage_edit-shop_order_columns', array( $this, 'add' ), 20 );
		add_action( 'manage_shop_order_posts_custom_column', array( $this, 'show' ), 10, 2 );
		add_filter( 'manage_woocommerce_page_wc-orders_columns', array( $this, 'add' ), 20 );
		add_action( 'manage_woocommerce_page_wc-orders_custom_column', array( $this, 'show' ), 10, 2 );
	}

	/**
	 * Puts the column behind the status.
	 *
	 * @param mixed $columns By name.
	 * @return mixed
	 */
	public function add( $columns ) {
		if ( ! is_array( $columns ) ) {
			return $columns;
		}
		$made = array();
		foreach ( $columns as $name => $title ) {
			$made[ $name ] = $title;
			if ( 'order_status' === $name ) {
				$made[ self::NAME ] = __( 'Delivery', 'doorstep' );
			}
		}
		if ( ! isset( $made[ self::NAME ] ) ) {
			$made[ self::NAME ] = __( 'Delivery', 'doorstep' );
		}
		return $made;
	}

	/**
	 * Shows one order's delivery.
	 *
	 * @param mixed $column The column's name.
	 * @param mixed $given  An order, or the id of one.
	 */
	public function show( $column, $given ): void {
		if ( self::NAME !== $column ) {
			return;
		}
		$order = $given instanceof \WC_Order ? $given : wc_get_order( $given );
		if ( ! $order instanceof \WC_Order ) {
			return;
		}
		$delivery = Delivery::of( $order );
		if ( '' === $delivery->status ) {
			echo '<span aria-hidden="true">&ndash;</span>';
			return;
		}
		echo esc_html( Words::of( $delivery->status ) );
		if ( '' !== $delivery->tracking_url ) {
			echo ' <a href="' . esc_url( $delivery->tracking_url ) . '" target="_blank" rel="noopener">' . esc_html__( 'Track', 'doorstep' ) . '</a>';
		}
	}
}
