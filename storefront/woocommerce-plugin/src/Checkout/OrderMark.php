<?php
/**
 * Writes what was taken into the order.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Checkout;

use Doorstep\WooCommerce\Rates\Rate;
use Doorstep\WooCommerce\Rates\ShippingMethod;

defined( 'ABSPATH' ) || exit;

/**
 * By the order's own methods only, so that it does not matter where a shop keeps its orders.
 */
final class OrderMark {

	const CHOICE = '_doorstep_choice';

	/**
	 * Knows what was taken.
	 *
	 * @var Choosing
	 */
	private $choosing;

	/**
	 * Makes one.
	 *
	 * @param Choosing $choosing Knows what was taken.
	 */
	public function __construct( Choosing $choosing ) {
		$this->choosing = $choosing;
	}

	/**
	 * Marks an order that is being made; whoever called saves it.
	 *
	 * @param \WC_Order $order The order.
	 */
	public function write( \WC_Order $order ): void {
		$choices = array();
		$marked  = array();
		foreach ( ChosenRates::all() as $package => $rate ) {
			$choice = $this->choosing->choice_of( $rate, (string) $package );
			$line   = self::line_of( $order, $rate, $marked );
			if ( null !== $line ) {
				$marked[] = $line;
				$line->delete_meta_data( self::CHOICE );
			}
			if ( '' === $choice ) {
				continue;
			}
			$choices[] = $choice;
			if ( null !== $line ) {
				$line->update_meta_data( self::CHOICE, $choice );
			}
		}
		if ( array() === $choices ) {
			$order->delete_meta_data( self::CHOICE );
			return;
		}
		$order->update_meta_data( self::CHOICE, $choices[0] );
	}

	/**
	 * Makes the shipping lines anew where they do not say what the cart says.
	 *
	 * The blocks keep a draft order, and some versions of WooCommerce compare no more than the ids of the chosen rates:
	 * a new price or option under the same id would stay out of the order.
	 *
	 * @param \WC_Order $order A draft.
	 */
	public function refresh_lines( \WC_Order $order ): void {
		$found = array();
		foreach ( ChosenRates::all() as $rate ) {
			$line    = self::line_of( $order, $rate, $found );
			$found[] = $line;
			if ( null === $line ) {
				$order->remove_order_items( 'shipping' );
				WC()->checkout()->create_order_shipping_lines( $order, WC()->session->get( 'chosen_shipping_methods' ), WC()->shipping()->get_packages() );
				$order->calculate_totals();
				return;
			}
		}
	}

	/**
	 * The shipping line that was made of a rate as it is now.
	 *
	 * @param \WC_Order         $order  The order.
	 * @param \WC_Shipping_Rate $rate   A rate of ours.
	 * @param array             $others Lines of other packages.
	 * @return \WC_Order_Item_Shipping|null
	 */
	private static function line_of( \WC_Order $order, \WC_Shipping_Rate $rate, array $others ) {
		foreach ( $order->get_items( 'shipping' ) as $line ) {
			$same = ShippingMethod::ID === $line->get_method_id()
				&& ! in_array( $line, $others, true )
				&& ChosenRates::meta( $rate, Rate::OPTION ) === (string) $line->get_meta( Rate::OPTION )
				&& ChosenRates::meta( $rate, Rate::SLOT ) === (string) $line->get_meta( Rate::SLOT )
				&& ChosenRates::meta( $rate, Rate::ITEMS ) === (string) $line->get_meta( Rate::ITEMS )
				&& abs( (float) $line->get_total() - (float) $rate->get_cost() ) < 0.005;
			if ( $same ) {
				return $line;
			}
		}
		return null;
	}
}
