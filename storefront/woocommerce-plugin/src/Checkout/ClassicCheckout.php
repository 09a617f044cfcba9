<?php
/**
 * The checkout of the shortcode.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Checkout;

use Doorstep\WooCommerce\Plugin;

defined( 'ABSPATH' ) || exit;

/**
 * Picked slots come in with the form; options are taken once everything else of the form is right.
 */
final class ClassicCheckout {

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
	 * Makes one.
	 *
	 * @param Choosing  $choosing Takes options.
	 * @param OrderMark $mark     Writes into the order.
	 * @param Slots     $slots    Picked slots.
	 */
	public function __construct( Choosing $choosing, OrderMark $mark, Slots $slots ) {
		$this->choosing = $choosing;
		$this->mark     = $mark;
		$this->slots    = $slots;
	}

	/**
	 * Hooks it in.
	 */
	public function hook(): void {
		add_action( 'woocommerce_checkout_update_order_review', array( $this, 'read_review' ) );
		add_action( 'woocommerce_checkout_process', array( $this, 'read_posted' ) );
		// Last: a slot is not held for a form that comes back for want of a telephone number.
		add_action( 'woocommerce_after_checkout_validation', array( $this, 'validate' ), 1000, 2 );
		add_action( 'woocommerce_checkout_create_order', array( $this, 'mark' ), 20 );
		add_action( 'wp_enqueue_scripts', array( $this, 'scripts' ) );
	}

	/**
	 * The form as the page sends it while the shopper types.
	 *
	 * @param mixed $posted Form-encoded.
	 */
	public function read_review( $posted ): void {
		$form = array();
		if ( is_string( $posted ) ) {
			parse_str( $posted, $form );
		}
		$this->pick( isset( $form['doorstep_slot'] ) ? $form['doorstep_slot'] : null );
	}

	/**
	 * The form as it is sent at last.
	 */
	public function read_posted(): void {
		// phpcs:ignore WordPress.Security.NonceVerification.Missing, WordPress.Security.ValidatedSanitizedInput -- checked by WooCommerce before this action; Slots::pick takes ids only.
		$this->pick( isset( $_POST['doorstep_slot'] ) ? wp_unslash( $_POST['doorstep_slot'] ) : null );
	}

	/**
	 * Takes the options, and keeps the shopper from paying for what is gone.
	 *
	 * @param mixed $data   The form, as WooCommerce read it.
	 * @param mixed $errors What is wrong so far.
	 */
	public function validate( $data, $errors ): void {
		if ( ! $errors instanceof \WP_Error || $errors->has_errors() || wc_notice_count( 'error' ) > 0 || ! WC()->cart->needs_shipping() ) {
			return;
		}
		foreach ( $this->choosing->choose() as $message ) {
			$errors->add( 'doorstep', $message );
			WC()->session->set( 'refresh_totals', true );
		}
	}

	/**
	 * Marks the order that is being made.
	 *
	 * @param mixed $order The order.
	 */
	public function mark( $order ): void {
		if ( $order instanceof \WC_Order && WC()->cart && WC()->cart->needs_shipping() ) {
			$this->mark->write( $order );
		}
	}

	/**
	 * The script that tells WooCommerce of a picked slot.
	 */
	public function scripts(): void {
		if ( ! is_cart() && ! is_checkout() ) {
			return;
		}
		wp_enqueue_style( 'doorstep', plugins_url( 'assets/doorstep.css', DOORSTEP_FILE ), array(), DOORSTEP_VERSION );
		if ( is_checkout() && ! is_order_received_page() && Plugin::get()->connection()->connected() ) {
			wp_enqueue_script( 'doorstep-checkout', plugins_url( 'assets/checkout.js', DOORSTEP_FILE ), array( 'jquery' ), DOORSTEP_VERSION, true );
		}
	}

	/**
	 * Picks slots.
	 *
	 * @param mixed $given By option.
	 */
	private function pick( $given ): void {
		foreach ( is_array( $given ) ? $given : array() as $code => $slot ) {
			$this->slots->pick( (string) $code, $slot );
		}
	}
}
