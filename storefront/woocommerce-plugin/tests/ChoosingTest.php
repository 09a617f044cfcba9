<?php
/**
 * Taking an option before it is paid.
 *
 * @package Doorstep
 */

use Automattic\WooCommerce\StoreApi\Exceptions\RouteException;
use Doorstep\WooCommerce\Checkout\BlocksCheckout;
use Doorstep\WooCommerce\Checkout\ClassicCheckout;
use Doorstep\WooCommerce\Checkout\SlotPicker;

/**
 * Both checkouts.
 */
final class ChoosingTest extends ShopTestCase {

	private const CHOSEN = array(
		'choice'       => 'cho_1',
		'price_minor'  => 599,
		'currency'     => 'USD',
		'locked_until' => '2999-01-01T00:00:00Z',
	);

	public function test_the_very_option_is_taken_and_noted_in_the_order(): void {
		$rate = $this->select( self::rate() );
		Shop::answers( 200, self::CHOSEN );
		$order = $this->place_in_blocks( $rate );
		$this->assertSame( 'qst_1', Shop::last_body()['options_id'] );
		$this->assertSame( 'quo_1', Shop::last_body()['option_id'] );
		$this->assertNull( Shop::last_body()['slot_id'] );
		$this->assertSame( 'cho_1', $order->meta['_doorstep_choice'] );
		$this->assertSame( 'cho_1', $order->lines[0]->meta['_doorstep_choice'] );
	}

	public function test_pressing_twice_takes_it_once(): void {
		$rate = $this->select( self::rate() );
		Shop::answers( 200, self::CHOSEN );
		$this->place_in_blocks( $rate );
		$calls = count( Shop::$calls );
		$this->place_in_blocks( $rate );
		$this->assertCount( $calls, Shop::$calls );
	}

	public function test_a_lost_answer_is_asked_for_with_the_same_key(): void {
		$this->select( self::rate() );
		Shop::answers( 500, array() );
		$this->choosing->choose();
		$first = Shop::last_body()['idempotency_key'];
		$this->choosing->choose();
		$this->assertSame( $first, Shop::last_body()['idempotency_key'] );
	}

	public function test_an_expired_option_stops_the_classic_checkout_and_is_asked_for_again(): void {
		$this->select( self::rate() );
		Shop::answers( 409, array( 'code' => 'OPTION_EXPIRED', 'message' => 'gone' ) );
		$errors = $this->validate_classic();
		$this->assertStringContainsString( 'no longer available', $errors->get_error_message() );
		$this->assertTrue( WC()->session->get( 'refresh_totals' ) );
		$this->assertSame( array(), $this->cache->offer( 'quo_1' ) );
	}

	public function test_an_expired_option_stops_the_blocks_with_the_cart_as_it_is_now(): void {
		$rate = $this->select( self::rate() );
		Shop::answers( 409, array( 'code' => 'OPTION_EXPIRED' ) );
		try {
			$this->place_in_blocks( $rate );
			$this->fail( 'the order was placed' );
		} catch ( RouteException $refusal ) {
			$this->assertSame( 409, $refusal->getCode() );
			$this->assertSame( 1, WC()->cart->calculated );
		}
	}

	public function test_a_slot_that_was_sold_is_replaced_by_the_next(): void {
		$rate = $this->select( self::rate( array( 'slots' => self::two_slots() ) ) );
		$this->assertSame( '7.99', $rate->get_cost() );
		Shop::answers( 409, array( 'code' => 'SLOT_UNAVAILABLE', 'slots' => array_slice( self::two_slots(), 1 ) ) );
		$errors = $this->validate_classic();
		$this->assertSame( 'slt_1', Shop::last_body()['slot_id'] );
		$this->assertStringContainsString( 'has just been taken', $errors->get_error_message() );
		$this->assertSame( 'slt_2', $this->cache->offer( 'quo_1' )['slots'][0]['id'] );
		$this->assertCount( 1, $this->cache->offer( 'quo_1' )['slots'] );
	}

	public function test_a_higher_price_is_shown_before_it_is_charged(): void {
		$this->select( self::rate( array( 'slots' => self::two_slots() ) ) );
		Shop::answers( 200, array( 'price_minor' => 999 ) + self::CHOSEN );
		$this->assertStringContainsString( 'price', $this->choosing->choose()[0] );
		$this->assertSame( 799, $this->cache->offer( 'quo_1' )['cost_minor'] ); // 9.99 less 2.00 for the slot.
	}

	public function test_a_gateway_that_is_away_stops_no_sale(): void {
		$rate          = $this->select( self::rate() );
		Shop::$gateway = static function () {
			return new WP_Error( 'http_request_failed', 'timed out' );
		};
		$order         = $this->place_in_blocks( $rate );
		$this->assertArrayNotHasKey( '_doorstep_choice', $order->meta );
		$this->assertSame( 'qst_1/quo_1', $order->lines[0]->meta['_doorstep_option'] );
	}

	public function test_a_promise_of_the_past_stops_even_while_the_gateway_is_away(): void {
		$this->select( self::rate( array( 'window' => array( 'start' => self::iso( -7200 ), 'end' => self::iso( -60 ) ) ) ) );
		Shop::answers( 500, array() );
		$this->assertCount( 1, $this->choosing->choose() );
	}

	public function test_a_key_that_was_withdrawn_stops_no_sale(): void {
		$this->select( self::rate() );
		Shop::answers( 401, array( 'code' => 'UNAUTHENTICATED', 'message' => 'no such key' ) );
		$this->assertSame( array(), $this->choosing->choose() );
	}

	public function test_nothing_is_taken_for_a_form_that_comes_back(): void {
		$this->select( self::rate() );
		$calls  = count( Shop::$calls );
		$errors = new WP_Error( 'billing_phone', 'Phone is required' );
		$this->classic()->validate( array(), $errors );
		$this->assertCount( $calls, Shop::$calls );
	}

	public function test_other_methods_and_the_fallback_are_none_of_our_business(): void {
		$flat = new WC_Shipping_Rate( 'flat_rate:1', 'Flat', '5', array(), 'flat_rate' );
		$this->show( $flat );
		$this->assertSame( array(), $this->choosing->choose() );
		$this->show( new WC_Shipping_Rate( 'doorstep:3:fallback', 'Standard', '9', array() ) );
		$this->assertSame( array(), $this->choosing->choose() );
		$this->assertSame( array(), Shop::$calls );
	}

	public function test_changing_to_another_method_takes_the_choice_out_of_the_draft(): void {
		$rate = $this->select( self::rate() );
		Shop::answers( 200, self::CHOSEN );
		$order = $this->place_in_blocks( $rate );
		$this->show( new WC_Shipping_Rate( 'flat_rate:1', 'Flat', '5', array(), 'flat_rate' ) );
		$this->mark->write( $order );
		$this->assertArrayNotHasKey( '_doorstep_choice', $order->meta );
	}

	public function test_a_draft_with_the_option_of_yesterday_gets_that_of_today(): void {
		$rate = $this->select( self::rate() );
		Shop::answers( 200, self::CHOSEN );
		$old   = new WC_Shipping_Rate( $rate->get_id(), 'Courier', '5.99', array( '_doorstep_option' => 'qst_0/quo_0' ) );
		$order = $this->place_in_blocks( $old );
		$this->assertSame( 'qst_1/quo_1', $order->lines[0]->meta['_doorstep_option'] );
		$this->assertSame( 1, $order->calculated );
	}

	public function test_the_draft_of_a_half_filled_form_takes_nothing(): void {
		$this->select( self::rate() );
		$calls = count( Shop::$calls );
		$this->blocks()->place( new WC_Order(), new WP_REST_Request( 'PUT' ) );
		$this->assertCount( $calls, Shop::$calls );
	}

	public function test_a_slot_is_picked_by_the_classic_form_and_kept_when_the_payment_changes(): void {
		$this->classic()->read_review( 'payment_method=cod&doorstep_slot%5Buber_direct.standard%5D=slt_2' );
		$this->classic()->read_review( 'payment_method=bacs' );
		$this->assertSame( 'slt_2', $this->slots->of( 'uber_direct.standard' ) );
	}

	public function test_a_slot_is_picked_by_the_blocks_and_comes_back_with_the_cart(): void {
		$this->select( self::rate( array( 'slots' => self::two_slots() ) ) );
		$blocks = $this->blocks();
		$blocks->update( array( 'code' => 'uber_direct.standard', 'slot' => 'slt_2' ) );
		$this->select( self::rate( array( 'slots' => self::two_slots() ) ) );
		$shown = $blocks->data()['rates'][0];
		$this->assertSame( 'doorstep:3:uber_direct.standard', $shown['rate_id'] );
		$this->assertSame( 'slt_2', $shown['slot'] );
		$this->assertSame( 'Tue 15:00-17:00 (+$2.00)', $shown['slots'][0]['label'] );
	}

	public function test_nonsense_picks_nothing(): void {
		$this->slots->pick( array(), 'slt_1' );
		$this->slots->pick( 'uber', array( 'x' ) );
		$this->slots->pick( 'uber', '<script>' );
		$this->assertSame( '', $this->slots->of( 'uber' ) );
	}

	public function test_the_classic_checkout_shows_times_and_escapes_them(): void {
		$slots             = self::two_slots();
		$slots[1]['label'] = '17:00 & later "x"';
		$rate              = $this->select( self::rate( array( 'slots' => $slots ) ) );
		ob_start();
		( new SlotPicker( $this->cache, $this->freshness ) )->show( $rate, 0 );
		$html = ob_get_clean();
		$this->assertStringContainsString( 'name="doorstep_slot[uber_direct.standard]"', $html );
		$this->assertStringContainsString( 'value="slt_1" selected', $html );
		$this->assertStringContainsString( '17:00 &amp; later &quot;x&quot;', $html );
	}

	private function show( WC_Shipping_Rate $rate ): void {
		WC()->shipping()->packages = array( array( 'rates' => array( $rate->get_id() => $rate ) ) );
		WC()->session->set( 'chosen_shipping_methods', array( $rate->get_id() ) );
	}

	private function classic(): ClassicCheckout {
		return new ClassicCheckout( $this->choosing, $this->mark, $this->slots );
	}

	private function blocks(): BlocksCheckout {
		return new BlocksCheckout( $this->choosing, $this->mark, $this->slots, $this->cache, $this->freshness );
	}

	private function validate_classic(): WP_Error {
		$errors = new WP_Error();
		$this->classic()->validate( array(), $errors );
		return $errors;
	}

	private function place_in_blocks( WC_Shipping_Rate $drafted ): WC_Order {
		$order        = new WC_Order();
		$order->lines = array( WC_Order_Item_Shipping::of( $drafted ) );
		$this->blocks()->place( $order, new WP_REST_Request( 'POST' ) );
		return $order;
	}
}
