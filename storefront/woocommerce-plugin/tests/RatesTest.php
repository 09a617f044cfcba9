<?php
/**
 * Asking for rates.
 *
 * @package Doorstep
 */

use Doorstep\WooCommerce\Plugin;
use Doorstep\WooCommerce\Rates\Question;
use Doorstep\WooCommerce\Rates\ShippingMethod;
use PHPUnit\Framework\Attributes\DataProvider;

/**
 * From a package to a question to rates.
 */
final class RatesTest extends ShopTestCase {

	public function test_a_package_becomes_the_question_of_the_contract(): void {
		$question = Question::of( self::package(), 3, 'USD', 'en_US' );
		$this->assertSame( 'US', $question['destination']['country'] );
		$this->assertSame( 3, $question['instance_id'] );
		$item = $question['items'][0];
		$this->assertSame( 'line1', $item['key'] );
		$this->assertSame( 1999, $item['price_minor'] ); // 39.98 for two.
		$this->assertSame( 1200, $item['weight_g'] ); // 1.2 kg.
		$this->assertSame( 300, $item['length_mm'] ); // 30 cm.
		$this->assertNull( $item['width_mm'] );
		$this->assertSame( array( 'fragile' ), $item['tags'] );
		$this->assertTrue( $item['needs_shipping'] );
	}

	public function test_weights_and_sizes_follow_the_shops_units_and_a_missing_one_stays_missing(): void {
		Shop::$options = array(
			'woocommerce_weight_unit'    => 'lbs',
			'woocommerce_dimension_unit' => 'in',
		) + Shop::$options;
		$item          = Question::of( self::package(), 3, 'USD', 'en_US' )['items'][0];
		$this->assertSame( 544, $item['weight_g'] ); // 1.2 * 453.592.
		$this->assertSame( 762, $item['length_mm'] ); // 30 * 25.4.
		$this->assertNull( $item['height_mm'] );
	}

	public function test_without_an_address_nobody_is_asked(): void {
		$package                = self::package();
		$package['destination'] = array( 'country' => 'US', 'state' => 'NY' );
		$offers                 = $this->source->offers( $package, 3 );
		$this->assertSame( array(), Shop::$calls );
		$this->assertFalse( $offers->unanswered );
	}

	public function test_the_call_is_as_the_contract_says(): void {
		Shop::answers( 200, self::answer( self::rate() ) );
		$this->source->offers( self::package(), 3 );
		$call = Shop::$calls[0];
		$this->assertSame( 'https://gateway.example/checkout/woocommerce/rates', $call['url'] );
		$this->assertSame( 'Bearer pk_live_1', $call['args']['headers']['Authorization'] );
		$this->assertSame( 'sto_1', $call['args']['headers']['X-Doorstep-Site'] );
		$this->assertSame( '1800', $call['args']['headers']['X-Doorstep-Budget-Ms'] );
		$this->assertSame( 0, $call['args']['redirection'] );
		$this->assertSame( 1048576, $call['args']['limit_response_size'] );
		$this->assertLessThanOrEqual( 2.0, $call['args']['timeout'] );
		$this->assertStringStartsWith( 'wc-', Shop::last_body()['cart_id'] );
	}

	public function test_an_offer_becomes_a_rate_with_the_option_in_its_meta(): void {
		Shop::answers( 200, self::answer( self::rate() ) );
		$method = self::method();
		$method->calculate_shipping( self::package() );
		$rate = array_values( $method->rates )[0];
		$this->assertSame( 'doorstep:3:uber_direct.standard', $rate->get_id() );
		$this->assertSame( '5.99', $rate->get_cost() );
		$this->assertSame( 'Today, 15:00-16:00', $rate->get_delivery_time() );
		$this->assertSame( 'qst_1', $rate->get_meta_data()['_doorstep_options'] );
		$this->assertSame( 'qst_1/quo_1', $rate->get_meta_data()['_doorstep_option'] );
		$this->assertSame( 'uber_direct.standard', $rate->get_meta_data()['_doorstep_service'] );
		$this->assertArrayHasKey( '_doorstep_window', $rate->get_meta_data() );
	}

	public function test_a_picked_slot_is_paid_for_and_named(): void {
		Shop::answers( 200, self::answer( self::rate( array( 'slots' => self::two_slots() ) ) ) );
		$first = self::method();
		$first->calculate_shipping( self::package() );
		$this->assertSame( '7.99', array_values( $first->rates )[0]->get_cost() ); // 5.99 and 2.00 for the first slot, which is taken unasked.
		Plugin::get()->slots()->pick( 'uber_direct.standard', 'slt_2' );
		$second = self::method();
		$second->calculate_shipping( self::package() );
		$this->assertSame( '5.99', array_values( $second->rates )[0]->get_cost() );
		$this->assertSame( 'Tue 17:00-19:00', array_values( $second->rates )[0]->get_delivery_time() );
		$this->assertSame( 'slt_2', array_values( $second->rates )[0]->get_meta_data()['_doorstep_slot'] );
		$this->assertCount( 1, Shop::$calls );
	}

	public function test_a_description_that_only_repeats_the_time_is_left_out(): void {
		Shop::answers( 200, self::answer( self::rate( array( 'description' => 'Today, 15:00-16:00', 'slots' => self::two_slots() ) ) ) );
		$method = self::method();
		$method->calculate_shipping( self::package() );
		$this->assertSame( array( 'Tue 15:00-17:00', '' ), array_values( $method->rates )[0]->texts );
	}

	public function test_nobody_delivers_there_means_no_rate_and_no_fallback(): void {
		Shop::answers( 200, array( 'why_empty' => 'No zone holds 10001.' ) + self::answer() );
		$method = self::method( array( 'fallback_cost' => '9' ) );
		$method->calculate_shipping( self::package() );
		$this->assertSame( array(), $method->rates );
		$this->assertStringContainsString( 'No zone holds', implode( ' ', Shop::$logged ) );
	}

	/**
	 * @dataProvider troubles
	 */
	#[DataProvider( 'troubles' )]
	public function test_whatever_the_gateway_does_the_fallback_is_sold( callable $gateway ): void {
		Shop::$gateway = $gateway;
		$method        = self::method( array( 'fallback_cost' => '9,50', 'fallback_title' => 'Standard' ) );
		$method->calculate_shipping( self::package() );
		$this->assertSame( '9.50', array_values( $method->rates )[0]->get_cost() );
		$this->assertSame( 'Standard', array_values( $method->rates )[0]->get_label() );
		$this->assertSame( 'doorstep:3:fallback', array_values( $method->rates )[0]->get_id() );
		$this->assertSame( array(), array_values( $method->rates )[0]->get_meta_data() );
	}

	public static function troubles(): array {
		$says = static function ( int $status, string $body ) {
			return static function () use ( $status, $body ) {
				return array(
					'response' => array( 'code' => $status ),
					'headers'  => array(),
					'body'     => $body,
				);
			};
		};
		return array(
			'dead'           => array(
				static function () {
					return new WP_Error( 'http_request_failed', 'connection refused' );
				},
			),
			'throws'         => array(
				static function () {
					throw new TypeError( 'another plugin filters badly' );
				},
			),
			'500'            => array( $says( 500, '{"code":"INTERNAL"}' ) ),
			'401'            => array( $says( 401, '{"code":"UNAUTHENTICATED","message":"no such key"}' ) ),
			'a redirect'     => array( $says( 302, '' ) ),
			'a page'         => array( $says( 200, '<html>maintenance</html>' ) ),
			'a cut answer'   => array( $says( 200, '{"rates":[{"opt' ) ),
			'another object' => array( $says( 200, '{"hello":1}' ) ),
			'a list'         => array( $says( 200, '[1,2]' ) ),
			'null'           => array( $says( 200, 'null' ) ),
		);
	}

	/**
	 * @dataProvider bad_offers
	 */
	#[DataProvider( 'bad_offers' )]
	public function test_an_offer_that_cannot_be_sold_is_left_out( array $changes ): void {
		Shop::answers( 200, self::answer( self::rate( $changes ), self::rate( array( 'code' => 'good' ) ) ) );
		$method = self::method();
		$method->calculate_shipping( self::package() );
		$this->assertCount( 1, $method->rates );
		$this->assertSame( 'doorstep:3:good', array_values( $method->rates )[0]->get_id() );
	}

	public static function bad_offers(): array {
		return array(
			'another currency' => array( array( 'currency' => 'EUR' ) ),
			'less than free'   => array( array( 'cost_minor' => -1 ) ),
			'a price as text'  => array( array( 'cost_minor' => '599' ) ),
			'no code'          => array( array( 'code' => '' ) ),
			'a code with tags' => array( array( 'code' => '<b>' ) ),
		);
	}

	public function test_odd_fields_of_an_offer_do_no_harm(): void {
		$odd = array( 'title' => '<b>Van</b>', 'description' => null, 'delivery_time' => 5, 'window' => 'soon', 'slots' => 'none', 'stands_until' => 'later', 'new' => array() );
		Shop::answers( 200, self::answer( self::rate( $odd ) ) );
		$method = self::method();
		$method->calculate_shipping( self::package() );
		$this->assertSame( 'Van', array_values( $method->rates )[0]->get_label() );
		$this->assertSame( '', array_values( $method->rates )[0]->get_delivery_time() );
	}

	public function test_yen_have_no_decimals(): void {
		Shop::$currency = 'JPY';
		Shop::answers( 200, self::answer( self::rate( array( 'currency' => 'JPY', 'cost_minor' => 800 ) ) ) );
		$method = self::method();
		$method->calculate_shipping( self::package() );
		$this->assertSame( '800', array_values( $method->rates )[0]->get_cost() );
	}

	private static function method( array $settings = array() ): ShippingMethod {
		$method           = new ShippingMethod( 3 );
		$method->settings = $settings;
		return $method;
	}
}
