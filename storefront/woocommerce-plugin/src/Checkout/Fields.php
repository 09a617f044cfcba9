<?php
/**
 * Instructions for the driver.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Checkout;

use Doorstep\WooCommerce\Options;

defined( 'ABSPATH' ) || exit;

/**
 * "Delivery instructions" and "Safe place" in both checkouts, kept in the order under our own names.
 */
final class Fields {

	const INSTRUCTIONS = '_doorstep_instructions';
	const SAFE_PLACE   = '_doorstep_safe_place';
	const LONGEST      = 300;

	/**
	 * Hooks it in.
	 */
	public function hook(): void {
		if ( ! Options::on( Options::FIELDS ) ) {
			return;
		}
		add_filter( 'woocommerce_checkout_fields', array( $this, 'add_to_form' ) );
		add_action( 'woocommerce_checkout_create_order', array( $this, 'keep_posted' ), 10, 2 );
		add_action( 'woocommerce_init', array( $this, 'add_to_blocks' ) );
		add_action( 'woocommerce_store_api_checkout_update_order_from_request', array( $this, 'keep_requested' ), 10, 2 );
	}

	/**
	 * The fields of the classic checkout.
	 *
	 * @param mixed $fields By group.
	 * @return mixed
	 */
	public function add_to_form( $fields ) {
		if ( ! is_array( $fields ) || ! WC()->cart || ! WC()->cart->needs_shipping() ) {
			return $fields;
		}
		$fields['order']['doorstep_instructions'] = array(
			'type'              => 'text',
			'label'             => self::instructions_label(),
			'required'          => false,
			'priority'          => 30,
			'custom_attributes' => array( 'maxlength' => self::LONGEST ),
		);
		$fields['order']['doorstep_safe_place']   = array(
			'type'              => 'text',
			'label'             => self::safe_place_label(),
			'required'          => false,
			'priority'          => 40,
			'custom_attributes' => array( 'maxlength' => self::LONGEST ),
		);
		return $fields;
	}

	/**
	 * The fields of the blocks; WooCommerce has them since 8.9.
	 */
	public function add_to_blocks(): void {
		if ( ! function_exists( 'woocommerce_register_additional_checkout_field' ) ) {
			return;
		}
		$fields = array(
			'doorstep/instructions' => self::instructions_label(),
			'doorstep/safe-place'   => self::safe_place_label(),
		);
		foreach ( $fields as $id => $label ) {
			woocommerce_register_additional_checkout_field(
				array(
					'id'         => $id,
					'label'      => $label,
					'location'   => 'order',
					'type'       => 'text',
					'required'   => false,
					'attributes' => array( 'maxLength' => self::LONGEST ),
				)
			);
		}
	}

	/**
	 * Keeps what the classic checkout sent.
	 *
	 * @param mixed $order The order that is being made.
	 * @param mixed $data  The form, as WooCommerce read it.
	 */
	public function keep_posted( $order, $data ): void {
		if ( $order instanceof \WC_Order && is_array( $data ) ) {
			self::keep( $order, self::INSTRUCTIONS, isset( $data['doorstep_instructions'] ) ? $data['doorstep_instructions'] : '' );
			self::keep( $order, self::SAFE_PLACE, isset( $data['doorstep_safe_place'] ) ? $data['doorstep_safe_place'] : '' );
		}
	}

	/**
	 * Keeps what the blocks sent.
	 *
	 * @param mixed $order   The draft.
	 * @param mixed $request The Store API's.
	 */
	public function keep_requested( $order, $request ): void {
		if ( ! $order instanceof \WC_Order || ! $request instanceof \WP_REST_Request ) {
			return;
		}
		$given = $request->get_param( 'additional_fields' );
		$names = array(
			'doorstep/instructions' => self::INSTRUCTIONS,
			'doorstep/safe-place'   => self::SAFE_PLACE,
		);
		foreach ( $names as $field => $name ) {
			// While the shopper types, the page sends changed fields alone.
			if ( is_array( $given ) && array_key_exists( $field, $given ) ) {
				self::keep( $order, $name, $given[ $field ] );
			}
		}
	}

	/**
	 * Keeps one text.
	 *
	 * @param \WC_Order $order The order; whoever called saves it.
	 * @param string    $name  Its meta.
	 * @param mixed     $text  As it came.
	 */
	private static function keep( \WC_Order $order, string $name, $text ): void {
		$text = is_string( $text ) ? trim( sanitize_text_field( $text ) ) : '';
		$text = function_exists( 'mb_substr' ) ? mb_substr( $text, 0, self::LONGEST ) : substr( $text, 0, self::LONGEST );
		if ( '' === $text ) {
			$order->delete_meta_data( $name );
		} else {
			$order->update_meta_data( $name, $text );
		}
	}

	/**
	 * What the first field asks.
	 */
	private static function instructions_label(): string {
		return __( 'Delivery instructions (door code, floor, bell)', 'doorstep' );
	}

	/**
	 * What the second field asks.
	 */
	private static function safe_place_label(): string {
		return __( 'Safe place, if nobody opens', 'doorstep' );
	}
}
