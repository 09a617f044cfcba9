<?php
/**
 * When the gateway is asked, and when it is left alone.
 *
 * @package Doorstep
 */

use Doorstep\WooCommerce\Breaker;
use Doorstep\WooCommerce\Rates\Place;
use PHPUnit\Framework\Attributes\DataProvider;

/**
 * The session's cache, the round, the breaker and the budget.
 */
final class AskingTest extends ShopTestCase {

	public function test_the_same_question_is_asked_once(): void {
		Shop::answers( 200, self::answer( self::rate() ) );
		$this->source->offers( self::package(), 3 );
		$this->source->offers( self::package(), 3 );
		$this->assertCount( 1, Shop::$calls );
		$this->source->offers( self::package( 3 ), 3 );
		$this->assertCount( 2, Shop::$calls );
	}

	public function test_an_old_answer_is_asked_for_again(): void {
		Shop::answers( 200, self::answer( self::rate() ) );
		$this->source->offers( self::package(), 3 );
		$this->age_answers();
		$this->source->offers( self::package(), 3 );
		$this->assertCount( 2, Shop::$calls );
	}

	/**
	 * @dataProvider pages_that_do_not_wait
	 */
	#[DataProvider( 'pages_that_do_not_wait' )]
	public function test_pages_without_a_checkout_never_call_the_gateway( array $pages, array $get, string $address ): void {
		Shop::$pages            = $pages;
		$_GET                   = $get;
		$_SERVER['REQUEST_URI'] = $address;
		$offers                 = $this->source->offers( self::package(), 3 );
		$this->assertSame( array(), Shop::$calls );
		$this->assertFalse( $offers->unanswered );
	}

	public static function pages_that_do_not_wait(): array {
		return array(
			'a product page'    => array( array( 'wp' ), array(), '/kettle' ),
			'before the query'  => array( array(), array(), '/checkout' ),
			'the admin'         => array( array( 'wp', 'admin' ), array(), '/wp-admin/' ),
			'cron'              => array( array( 'wp', 'cron' ), array(), '/wp-cron.php' ),
			'the little basket' => array( array( 'wp' ), array( 'wc-ajax' => 'get_refreshed_fragments' ), '/?wc-ajax=get_refreshed_fragments' ),
			'a word in a query' => array( array( 'wp' ), array(), '/?s=wc/store' ),
		);
	}

	public function test_pages_that_do_not_ask_keep_showing_what_is_known(): void {
		Shop::answers( 200, self::answer( self::rate() ) );
		$this->source->offers( self::package(), 3 );
		$this->age_answers();
		$this->visit();
		$this->assertCount( 1, $this->source->offers( self::package(), 3 )->all );
		$this->assertCount( 1, Shop::$calls );
	}

	/**
	 * @dataProvider pages_that_ask
	 */
	#[DataProvider( 'pages_that_ask' )]
	public function test_cart_and_checkout_of_both_kinds_ask( array $pages, array $get, string $address ): void {
		Shop::$pages            = $pages;
		$_GET                   = $get;
		$_SERVER['REQUEST_URI'] = $address;
		$this->assertTrue( ( new Place() )->asks() );
	}

	public static function pages_that_ask(): array {
		return array(
			'cart'             => array( array( 'wp', 'cart' ), array(), '/cart' ),
			'checkout'         => array( array( 'wp', 'checkout' ), array(), '/checkout' ),
			'the order review' => array( array( 'wp' ), array( 'wc-ajax' => 'update_order_review' ), '/?wc-ajax=update_order_review' ),
			"a wallet's button" => array( array( 'wp' ), array( 'wc-ajax' => 'wallet_get_shipping_options' ), '/?wc-ajax=wallet_get_shipping_options' ),
			'the store API'    => array( array(), array(), '/blog/wp-json/wc/store/v1/cart/update-customer' ),
			'plain permalinks' => array( array(), array(), '/index.php?rest_route=%2Fwc%2Fstore%2Fv1%2Fcart' ),
		);
	}

	public function test_after_three_failures_nobody_waits_until_the_rest_is_over(): void {
		for ( $time = 0; $time < 5; $time++ ) {
			$this->assertTrue( $this->source->offers( self::package( $time + 1 ), 3 )->unanswered );
			$this->budget->renew();
		}
		$this->assertCount( Breaker::FAILURES, Shop::$calls );
		$this->assertGreaterThan( 0, $this->breaker->rests_s() );
	}

	public function test_after_the_rest_one_shopper_tries_and_success_closes_the_breaker(): void {
		set_transient( Breaker::KEY, array( 'failures' => 3, 'until' => time() - 1 ) );
		$this->assertTrue( $this->breaker->allows() );
		$this->assertFalse( $this->breaker->allows() );
		$this->breaker->succeeded();
		$this->assertTrue( $this->breaker->allows() );
	}

	public function test_a_gateway_that_asks_for_a_pause_gets_it(): void {
		Shop::answers( 503, array( 'code' => 'BUSY' ), array( 'retry-after' => '120' ) );
		$this->source->offers( self::package(), 3 );
		$this->assertGreaterThan( 100, $this->breaker->rests_s() );
	}

	public function test_five_packages_wait_no_longer_than_one(): void {
		for ( $package = 1; $package <= 5; $package++ ) {
			$this->budget->spend( 0.9 );
			$this->source->offers( self::package( $package ), 3 );
		}
		$this->assertCount( 1, Shop::$calls ); // 2.5 s in all: after 1.8 s there is no second left.
	}

	public function test_while_the_gateway_is_away_options_that_still_stand_are_shown(): void {
		Shop::answers( 200, self::answer( self::rate(), self::rate( array( 'code' => 'soon', 'option_id' => 'quo_2', 'stands_until' => self::iso( -5 ) ) ) ) );
		$this->source->offers( self::package(), 3 );
		$this->age_answers();
		Shop::answers( 500, array() );
		$offers = $this->source->offers( self::package(), 3 );
		$this->assertSame( array( 'uber_direct.standard' ), array_keys( $offers->all ) );
	}

	public function test_woocommerce_is_made_to_ask_again_when_the_answer_is_old(): void {
		Shop::answers( 200, self::answer( self::rate() ) );
		$before = $this->freshness->mark( array( self::package() ) )[0]['doorstep'];
		$this->source->offers( self::package(), 3 );
		$this->assertSame( $before, $this->freshness->mark( array( self::package() ) )[0]['doorstep'] );
		WC()->session->set( 'doorstep_round', array( 'number' => 1, 'until' => time() - 1 ) );
		$this->assertNotSame( $before, $this->freshness->mark( array( self::package() ) )[0]['doorstep'] );
	}

	public function test_what_was_shown_does_not_change_under_the_finger(): void {
		Shop::answers( 200, self::answer( self::rate() ) );
		$this->source->offers( self::package(), 3 );
		$this->age_answers();
		WC()->session->set( 'doorstep_round', array( 'number' => 1, 'until' => time() - 1 ) );
		$_GET = array( 'wc-ajax' => 'checkout' );
		$this->assertSame( 1, $this->freshness->mark( array( self::package() ) )[0]['doorstep']['round'] );
		$this->source->offers( self::package(), 3 );
		$this->assertCount( 1, Shop::$calls );
	}

	public function test_a_wrong_clock_of_the_shop_does_no_harm(): void {
		$fast = array( 'server_time' => self::iso( -7200 ) ) + self::answer( self::rate( array( 'stands_until' => self::iso( -7200 + 900 ) ) ) );
		Shop::answers( 200, $fast );
		$offers = $this->source->offers( self::package(), 3 );
		$this->assertGreaterThan( time() + 800, $offers->all['uber_direct.standard']['stands_until'] );
	}

	public function test_the_next_cart_is_another(): void {
		$first = $this->session->cart_id();
		$this->assertSame( $first, $this->session->cart_id() );
		$this->session->forget_cart();
		$this->assertNotSame( $first, $this->session->cart_id() );
	}

	private function age_answers(): void {
		$kept = WC()->session->get( 'doorstep_answers' );
		foreach ( $kept as $key => $answer ) {
			$kept[ $key ]['fresh_until'] = time() - 1;
		}
		WC()->session->set( 'doorstep_answers', $kept );
	}
}
