<?php
/**
 * Carts of several packages, and shoppers who change their mind.
 *
 * @package Doorstep
 */

use Doorstep\WooCommerce\Checkout\BlocksCheckout;
use Doorstep\WooCommerce\Rates\Question;
use Doorstep\WooCommerce\Rates\Rate;
use Doorstep\WooCommerce\Session;

/**
 * Each package is taken by itself, and one of it counts at a time.
 */
final class ManyPackagesTest extends ShopTestCase {

	public function test_each_package_is_taken_by_itself_and_noted_in_its_own_line(): void {
		$this->gateway_gives( 'cho_1', 'cho_2' );
		// The same goods to the same door: the gateway is asked once, and the option is the same.
		$this->show( $this->made( 'slt_1', '12' ), $this->made( 'slt_1', '13' ) );
		$order = $this->place();
		$sent  = $this->sent();
		$this->assertSame( array( '0', '1' ), array_column( $sent, 'package' ) );
		$this->assertNotSame( $sent[0]['idempotency_key'], $sent[1]['idempotency_key'] );
		$noted = array_column( $order->lines, 'meta' );
		$this->assertSame( array( 'cho_1', 'cho_2' ), array_column( $noted, '_doorstep_choice' ) );
		$this->assertSame( array( '12', '13' ), array_column( $noted, '_doorstep_items' ) );
		$this->assertSame( 'cho_1', $order->meta['_doorstep_choice'] );
	}

	public function test_a_line_does_not_keep_the_choice_of_another_time(): void {
		$this->gateway_gives( 'cho_1' );
		$this->show( $this->made( 'slt_1', '12' ) );
		$order = $this->place();
		WC()->session->set( Session::CHOICES, null );
		Shop::answers( 500, array() );
		$this->blocks()->place( $order, new WP_REST_Request( 'POST' ) );
		$this->assertArrayNotHasKey( '_doorstep_choice', $order->lines[0]->meta );
		$this->assertArrayNotHasKey( '_doorstep_choice', $order->meta );
	}

	public function test_who_goes_back_to_the_first_slot_takes_it_anew(): void {
		$this->gateway_gives( 'cho_1', 'cho_2', 'cho_3' );
		foreach ( array( 'slt_1', 'slt_2', 'slt_1' ) as $slot ) {
			$this->show( $this->made( $slot, '12' ) );
			$order = $this->place();
		}
		$this->assertCount( 3, array_unique( array_column( $this->sent(), 'idempotency_key' ) ) );
		$this->assertSame( 'cho_3', $order->lines[0]->meta['_doorstep_choice'] );
	}

	public function test_what_was_taken_before_a_lost_answer_is_not_trusted(): void {
		$this->gateway_gives( 'cho_1', null, 'cho_3' );
		foreach ( array( 'slt_1', 'slt_2', 'slt_1' ) as $slot ) {
			$this->show( $this->made( $slot, '12' ) );
			$order = $this->place();
		}
		$this->assertSame( 'cho_3', $order->lines[0]->meta['_doorstep_choice'] );
	}

	public function test_a_package_tells_its_articles_once_and_variations_behind_their_parents(): void {
		$line = array(
			'product_id'   => 12,
			'variation_id' => 0,
		);
		$blue = array(
			'product_id'   => 21,
			'variation_id' => 22,
		);
		$this->assertSame( '12,21/22', Question::articles( array( 'contents' => array( $line, $blue, $line ) ) ) );
		$this->assertSame( '', Question::articles( array() ) );
	}

	private function made( string $slot, string $articles ): WC_Shipping_Rate {
		$offers = $this->source->offers( self::package(), 3 );
		$made   = Rate::of( $offers->all['uber_direct.standard'], 'qst_1', $slot, 'USD', $articles );
		return new WC_Shipping_Rate( 'doorstep:3:uber_direct.standard', $made['label'], $made['cost'], $made['meta'] );
	}

	private function show( WC_Shipping_Rate ...$rates ): void {
		$packages = array();
		$selected = array();
		foreach ( $rates as $rate ) {
			$packages[] = array( 'rates' => array( $rate->get_id() => $rate ) );
			$selected[] = $rate->get_id();
		}
		WC()->shipping()->packages = $packages;
		WC()->session->set( 'chosen_shipping_methods', $selected );
	}

	/**
	 * Rates, and one choice after another; null is an answer that gets lost.
	 */
	private function gateway_gives( ?string ...$choices ): void {
		$rates         = self::answer( self::rate( array( 'slots' => self::two_slots() ) ) );
		Shop::$gateway = static function ( string $url ) use ( &$choices, $rates ) {
			$choice = substr( $url, -6 ) === 'choose' ? array_shift( $choices ) : '';
			$chosen = array(
				'choice'       => $choice,
				'price_minor'  => 599,
				'locked_until' => '2999-01-01T00:00:00Z',
			);
			return array(
				'response' => array( 'code' => null === $choice ? 500 : 200 ),
				'headers'  => array(),
				'body'     => json_encode( '' === $choice ? $rates : $chosen ),
			);
		};
	}

	private function sent(): array {
		$sent = array();
		foreach ( Shop::$calls as $call ) {
			$sent[] = json_decode( $call['args']['body'], true );
		}
		return array_values( array_filter( $sent, static fn( $body ) => isset( $body['option_id'] ) ) );
	}

	private function place(): WC_Order {
		$order        = new WC_Order();
		$order->lines = array();
		foreach ( WC()->shipping()->packages as $package ) {
			$order->lines[] = WC_Order_Item_Shipping::of( reset( $package['rates'] ) );
		}
		$this->blocks()->place( $order, new WP_REST_Request( 'POST' ) );
		return $order;
	}

	private function blocks(): BlocksCheckout {
		return new BlocksCheckout( $this->choosing, $this->mark, $this->slots, $this->cache, $this->freshness );
	}
}
