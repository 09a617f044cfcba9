<?php
/**
 * The panel on an order's page.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Admin;

use Doorstep\WooCommerce\Checkout\Fields;
use Doorstep\WooCommerce\Checkout\OrderMark;
use Doorstep\WooCommerce\Client;
use Doorstep\WooCommerce\Connection;
use Doorstep\WooCommerce\Failure;
use Doorstep\WooCommerce\Log;
use Doorstep\WooCommerce\Rates\Rate;
use Doorstep\WooCommerce\Tracking\Delivery;
use Doorstep\WooCommerce\Tracking\Words;

defined( 'ABSPATH' ) || exit;

/**
 * What the order has is shown at once; the gateway is asked by the page afterwards, so that it never holds the page up.
 */
final class OrderPanel {

	const NONCE      = 'doorstep_order_';
	const CAPABILITY = 'edit_shop_orders';

	/**
	 * Calls the gateway.
	 *
	 * @var Client
	 */
	private $client;

	/**
	 * The gateway.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * Makes one.
	 *
	 * @param Client     $client     Calls the gateway.
	 * @param Connection $connection The gateway.
	 */
	public function __construct( Client $client, Connection $connection ) {
		$this->client     = $client;
		$this->connection = $connection;
	}

	/**
	 * Hooks it in.
	 */
	public function hook(): void {
		add_action( 'add_meta_boxes', array( $this, 'add' ), 20 );
		add_action( 'admin_enqueue_scripts', array( $this, 'scripts' ) );
		add_filter( 'woocommerce_hidden_order_itemmeta', array( $this, 'hide_marks' ) );
		add_action( 'wp_ajax_doorstep_order_show', array( $this, 'answer_show' ) );
		add_action( 'wp_ajax_doorstep_order_book', array( $this, 'answer_book' ) );
	}

	/**
	 * Adds the panel, wherever the shop keeps its orders.
	 */
	public function add(): void {
		if ( $this->connection->connected() && current_user_can( self::CAPABILITY ) ) {
			add_meta_box( 'doorstep-order', __( 'Delivery by Doorstep', 'doorstep' ), array( $this, 'show' ), self::screens(), 'side', 'high' );
		}
	}

	/**
	 * Keeps what only the gateway reads out of the order's lines: the panel says it in words.
	 *
	 * @param mixed $hidden Names of meta.
	 * @return mixed
	 */
	public function hide_marks( $hidden ) {
		return is_array( $hidden ) ? array_merge( $hidden, Rate::MARKS, array( OrderMark::CHOICE ) ) : $hidden;
	}

	/**
	 * The pages that show one order.
	 */
	private static function screens(): array {
		$screens = array( 'shop_order' );
		if ( function_exists( 'wc_get_page_screen_id' ) ) {
			$screens[] = wc_get_page_screen_id( 'shop-order' );
		}
		return array_values( array_unique( $screens ) );
	}

	/**
	 * Shows what the order has.
	 *
	 * @param mixed $given A post, or the order.
	 */
	public function show( $given ): void {
		$order = $given instanceof \WC_Order ? $given : wc_get_order( isset( $given->ID ) ? $given->ID : 0 );
		if ( ! $order instanceof \WC_Order ) {
			return;
		}
		$delivery = Delivery::of( $order );
		if ( '' !== $delivery->status ) {
			echo '<p><strong>' . esc_html( Words::of( $delivery->status ) ) . '</strong></p>';
		}
		self::line( __( 'Instructions', 'doorstep' ), (string) $order->get_meta( Fields::INSTRUCTIONS ) );
		self::line( __( 'Safe place', 'doorstep' ), (string) $order->get_meta( Fields::SAFE_PLACE ) );
		printf(
			'<div class="doorstep-order" data-order="%1$s" data-nonce="%2$s" data-key="%3$s" aria-live="polite"><p>%4$s</p></div>',
			esc_attr( (string) $order->get_id() ),
			esc_attr( wp_create_nonce( self::NONCE . $order->get_id() ) ),
			esc_attr( wp_generate_uuid4() ),
			esc_html__( 'Asking the gateway ...', 'doorstep' )
		);
	}

	/**
	 * The script that fills the panel.
	 */
	public function scripts(): void {
		$screen = function_exists( 'get_current_screen' ) ? get_current_screen() : null;
		if ( ! $screen || ! in_array( $screen->id, self::screens(), true ) || ! $this->connection->connected() ) {
			return;
		}
		wp_enqueue_script( 'doorstep-order', plugins_url( 'assets/order.js', DOORSTEP_FILE ), array( 'jquery', 'wp-i18n' ), DOORSTEP_VERSION, true );
		wp_set_script_translations( 'doorstep-order', 'doorstep', plugin_dir_path( DOORSTEP_FILE ) . 'languages' );
	}

	/**
	 * Answers the page's question of what the gateway knows.
	 */
	public function answer_show(): void {
		$order_id = $this->asked_order();
		try {
			wp_send_json_success( array( 'html' => OrderView::of( $this->client->show_order( $order_id ) ) ) );
		} catch ( Failure $failure ) {
			$this->answer_failure( $failure );
		}
	}

	/**
	 * Answers the button "Book now".
	 */
	public function answer_book(): void {
		$order_id = $this->asked_order();
		// phpcs:ignore WordPress.Security.NonceVerification.Missing -- asked_order has checked it.
		$key = isset( $_POST['key'] ) ? sanitize_text_field( wp_unslash( $_POST['key'] ) ) : '';
		try {
			$answer = $this->client->book_order( $order_id, '' === $key ? wp_generate_uuid4() : substr( $key, 0, 64 ) );
			wp_send_json_success( array( 'html' => OrderView::of_booking( $answer ) ) );
		} catch ( Failure $failure ) {
			$this->answer_failure( $failure );
		}
	}

	/**
	 * The order that is asked for, by somebody who may.
	 */
	private function asked_order(): int {
		// phpcs:ignore WordPress.Security.NonceVerification.Missing -- the nonce is named by the order; it is checked next.
		$order_id = isset( $_POST['order'] ) ? absint( wp_unslash( $_POST['order'] ) ) : 0;
		check_ajax_referer( self::NONCE . $order_id, 'nonce' );
		if ( ! current_user_can( self::CAPABILITY ) || ! wc_get_order( $order_id ) instanceof \WC_Order ) {
			wp_send_json_error( array( 'message' => __( 'You may not see this order.', 'doorstep' ) ), 403 );
		}
		return $order_id;
	}

	/**
	 * Says what went wrong, in the panel.
	 *
	 * @param Failure $failure What happened.
	 */
	private function answer_failure( Failure $failure ): void {
		Log::warning( 'The gateway did not answer about an order: ' . $failure->reason . ' ' . $failure->getMessage() );
		$message = $failure->refused()
			? $failure->getMessage()
			: __( 'The gateway does not answer at the moment. Your order is safe: it goes on by itself as soon as it can.', 'doorstep' );
		wp_send_json_error( array( 'message' => $message ) );
	}

	/**
	 * One line of what the order has.
	 *
	 * @param string $title What it is.
	 * @param string $text  What it says.
	 */
	private static function line( string $title, string $text ): void {
		if ( '' !== $text ) {
			echo '<p><em>' . esc_html( $title ) . ':</em> ' . esc_html( $text ) . '</p>';
		}
	}
}
