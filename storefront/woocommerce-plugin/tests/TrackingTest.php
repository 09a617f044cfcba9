<?php
/**
 * Tracking, and what merchants see of an order.
 *
 * @package Doorstep
 */

use Doorstep\WooCommerce\Admin\OrderPanel;
use Doorstep\WooCommerce\Admin\OrdersColumn;
use Doorstep\WooCommerce\Admin\OrderView;
use Doorstep\WooCommerce\Checkout\Fields;
use Doorstep\WooCommerce\Checkout\OrderMark;
use Doorstep\WooCommerce\Tracking\Delivery;
use Doorstep\WooCommerce\Tracking\Emails;
use Doorstep\WooCommerce\Tracking\OrderPages;
use PHPUnit\Framework\Attributes\DataProvider;

/**
 * Read from the order's own meta, wherever the shop keeps orders.
 */
final class TrackingTest extends ShopTestCase {

	private const ADDRESS = 'https://gateway.example/track/tok_1';

	public function test_the_page_shows_status_link_and_live_view_once(): void {
		$pages = new OrderPages( $this->connection );
		$order = self::order( array( 'status' => 'IN_TRANSIT', 'tracking_url' => self::ADDRESS ) );

		Shop::$orders[55] = $order;
		ob_start();
		$pages->show_by_id( 55 );
		$pages->show( $order );
		$html = ob_get_clean();
		$this->assertSame( 1, substr_count( $html, 'Track your delivery' ) );
		$this->assertStringContainsString( 'On the way', $html );
		$this->assertStringContainsString( 'token="tok_1"', $html );
		$this->assertStringContainsString( 'https://gateway.example/static/doorstep.js', $html );
	}

	public function test_a_strange_page_gets_a_link_but_none_of_our_scripts(): void {
		ob_start();
		( new OrderPages( $this->connection ) )->show( self::order( array( 'status' => 'BOOKED', 'tracking_url' => 'https://other.example/track/x' ) ) );
		$html = ob_get_clean();
		$this->assertStringContainsString( 'https://other.example/track/x', $html );
		$this->assertStringNotContainsString( '<script', $html );
	}

	/**
	 * @dataProvider spoiled
	 */
	#[DataProvider( 'spoiled' )]
	public function test_what_somebody_spoiled_reads_as_nothing( $meta ): void {
		$this->assertFalse( Delivery::of( self::order( $meta ) )->trackable() );
	}

	public static function spoiled(): array {
		return array(
			array( '' ),
			array( 'x' ),
			array( array() ),
			array( array( 'status' => array(), 'tracking_url' => 5 ) ),
			array( array( 'status' => 'BOOKED', 'tracking_url' => 'javascript:alert(1)' ) ),
			array( array( 'status' => 'CANCELLED', 'tracking_url' => self::ADDRESS ) ),
		);
	}

	public function test_meta_as_json_text_is_read_too(): void {
		$this->assertTrue( Delivery::of( self::order( '{"status":"BOOKED","tracking_url":"' . self::ADDRESS . '"}' ) )->trackable() );
	}

	public function test_a_message_has_the_link_once_and_the_shops_own_has_none(): void {
		$emails = new Emails();
		$order  = self::order( array( 'status' => 'IN_TRANSIT', 'tracking_url' => self::ADDRESS ) );
		$email  = (object) array( 'id' => 'customer_completed_order' );
		$this->assertSame( 1, substr_count( $this->mail( $emails, $order, false, false, $email ), self::ADDRESS ) );
		$this->assertSame( '', $this->mail( $emails, $order, false, false, $email ) );
		$this->assertSame( '', $this->mail( $emails, $order, true, false, $email ) );
		$emails->begin();
		$this->assertNotSame( '', $this->mail( $emails, $order, false, false, $email ) );
	}

	public function test_the_plain_part_has_no_markup(): void {
		$order = self::order( array( 'status' => 'IN_TRANSIT', 'tracking_url' => self::ADDRESS ) );
		$plain = $this->mail( new Emails(), $order, false, true, null );
		$this->assertStringContainsString( self::ADDRESS, $plain );
		$this->assertStringNotContainsString( '<', $plain );
	}

	public function test_the_column_stands_behind_the_status_in_both_lists_and_takes_order_or_id(): void {
		$column = new OrdersColumn();
		$column->hook();
		$this->assertArrayHasKey( 'manage_woocommerce_page_wc-orders_columns', Shop::$hooks );
		$this->assertArrayHasKey( 'manage_edit-shop_order_columns', Shop::$hooks );
		$this->assertSame( array( 'order_number', 'order_status', 'doorstep', 'total' ), array_keys( $column->add( array( 'order_number' => '', 'order_status' => '', 'total' => '' ) ) ) );
		Shop::$orders[55] = self::order( array( 'status' => 'NEW_WORD', 'tracking_url' => self::ADDRESS ) );
		foreach ( array( 55, Shop::$orders[55] ) as $given ) {
			ob_start();
			$column->show( 'doorstep', $given );
			$this->assertStringContainsString( 'Being delivered', ob_get_clean() );
		}
		$this->assertSame( array(), Shop::$calls );
	}

	public function test_the_panel_comes_without_asking_the_gateway(): void {
		ob_start();
		( new OrderPanel( $this->client, $this->connection ) )->show( self::order( array( 'status' => 'BOOKED' ) ) );
		$html = ob_get_clean();
		$this->assertStringContainsString( 'data-order="55"', $html );
		$this->assertSame( array(), Shop::$calls );
	}

	public function test_the_orders_lines_show_no_marks_of_ours(): void {
		$rate   = self::rate( array( 'slots' => self::two_slots() ) );
		$marks  = array_keys( $this->select( $rate )->get_meta_data() );
		$hidden = ( new OrderPanel( $this->client, $this->connection ) )->hide_marks( array( '_qty' ) );
		$this->assertContains( '_doorstep_slot', $marks );
		$this->assertSame( array(), array_diff( array( '_qty', OrderMark::CHOICE, ...$marks ), $hidden ) );
	}

	public function test_the_panel_wants_nonce_and_capability(): void {
		$panel = new OrderPanel( $this->client, $this->connection );
		$_POST = array( 'order' => '55', 'nonce' => 'wrong' );
		try {
			$panel->answer_book();
			$this->fail( 'let through' );
		} catch ( Denied $denied ) {
			$this->assertSame( array(), Shop::$calls );
		}
		$_POST     = array( 'order' => '55', 'nonce' => 'nonce-doorstep_order_55' );
		Shop::$can = false;
		try {
			$panel->answer_book();
			$this->fail( 'let through' );
		} catch ( Sent $sent ) {
			$this->assertFalse( $sent->good );
			$this->assertSame( array(), Shop::$calls );
		}
	}

	public function test_one_press_of_the_button_is_one_key(): void {
		Shop::$orders[55] = new WC_Order();
		$_POST            = array( 'order' => '55', 'nonce' => 'nonce-doorstep_order_55', 'key' => 'k-1' );
		Shop::answers( 200, array( 'booked' => array( array( 'carrier' => '<b>Uber</b>' ) ), 'problems' => array( array( 'message' => 'x' ) ) ) );
		try {
			( new OrderPanel( $this->client, $this->connection ) )->answer_book();
		} catch ( Sent $sent ) {
			$this->assertTrue( $sent->good );
			$this->assertStringContainsString( 'Booked with &lt;b&gt;Uber', $sent->data['html'] );
		}
		$this->assertSame( 'k-1', Shop::last_body()['idempotency_key'] );
	}

	public function test_a_dead_gateway_is_a_sentence_in_the_panel(): void {
		Shop::$orders[55] = new WC_Order();
		$_POST            = array( 'order' => '55', 'nonce' => 'nonce-doorstep_order_55' );
		try {
			( new OrderPanel( $this->client, $this->connection ) )->answer_show();
			$this->fail( 'nothing was sent' );
		} catch ( Sent $sent ) {
			$this->assertStringContainsString( 'does not answer', $sent->data['message'] );
		}
	}

	public function test_the_view_shows_carrier_eta_exceptions_and_the_button_all_escaped(): void {
		$html = OrderView::of(
			array(
				'deliveries' => array(
					array( 'carrier' => 'Uber <x>', 'service' => '', 'status_text' => 'On the way', 'eta' => array( 'at' => '2026-11-23T15:00:00Z' ), 'promise' => null, 'tracking_url' => 'javascript:alert(1)' ),
					'rubbish',
				),
				'exceptions' => array( array( 'title' => 'Late', 'evidence' => '12 min' ) ),
				'can_book'   => true,
			)
		);
		$this->assertStringContainsString( 'Uber &lt;x&gt;', $html );
		$this->assertStringContainsString( 'Expected 2026-11-23 15:00', $html );
		$this->assertStringContainsString( 'Late', $html );
		$this->assertStringContainsString( 'doorstep-book', $html );
		$this->assertStringNotContainsString( 'javascript', $html );
	}

	public function test_instructions_are_kept_by_both_checkouts(): void {
		$fields  = new Fields();
		$classic = new WC_Order();
		$fields->keep_posted( $classic, array( 'doorstep_instructions' => ' Bell <b>3</b> ', 'doorstep_safe_place' => '' ) );
		$this->assertSame( array( '_doorstep_instructions' => 'Bell 3' ), $classic->meta );
		$blocks = new WC_Order();
		$fields->keep_requested( $blocks, new WP_REST_Request( 'POST', array( 'additional_fields' => array( 'doorstep/safe-place' => 'Porch' ) ) ) );
		$this->assertSame( array( '_doorstep_safe_place' => 'Porch' ), $blocks->meta );
	}

	private function mail( Emails $emails, WC_Order $order, bool $to_admin, bool $plain, $email ): string {
		ob_start();
		$emails->write( $order, $to_admin, $plain, $email );
		return (string) ob_get_clean();
	}

	private static function order( $meta ): WC_Order {
		$order                             = new WC_Order();
		$order->meta['_doorstep_delivery'] = $meta;
		return $order;
	}
}
