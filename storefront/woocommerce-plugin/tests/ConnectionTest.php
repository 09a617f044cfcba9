<?php
/**
 * Connecting.
 *
 * @package Doorstep
 */

use Doorstep\WooCommerce\Address;
use Doorstep\WooCommerce\Admin\SettingsActions;
use Doorstep\WooCommerce\Admin\SettingsPage;
use Doorstep\WooCommerce\Client;
use Doorstep\WooCommerce\Rest\ConnectionRoute;
use PHPUnit\Framework\Attributes\DataProvider;

/**
 * From the button to the kept keys.
 */
final class ConnectionTest extends ShopTestCase {

	private const GIVEN = array(
		'gateway'  => 'https://gateway.example/',
		'site'     => 'sto_9',
		'key'      => 'pk_live_9',
		'secret'   => 'shared',
		'merchant' => 'Corner shop',
	);

	public function test_the_button_leads_to_the_gateway_with_shop_return_and_state(): void {
		$address = ( new SettingsActions( $this->connection, $this->client ) )->install_address( self::GATEWAY );
		parse_str( (string) parse_url( $address, PHP_URL_QUERY ), $query );
		$this->assertStringStartsWith( 'https://gateway.example/install/woocommerce?', $address );
		$this->assertSame( 'https://shop.example/blog', $query['shop'] );
		$this->assertSame( 'https://shop.example/wp-admin/admin.php?page=doorstep', $query['return'] );
		$this->assertSame( get_transient( 'doorstep_connect_state' ), $query['state'] );
	}

	public function test_the_state_opens_once(): void {
		$this->connection->forget();
		$state  = $this->connection->new_state();
		$answer = $this->route()->connect( new WP_REST_Request( 'POST', array( 'state' => $state ) + self::GIVEN ) );
		$this->assertTrue( $answer->data['connected'] );
		$this->assertSame( '10.0.2', $answer->data['woocommerce'] );
		$this->assertSame( 'https://gateway.example', $this->connection->part( 'gateway' ) );
		$again = $this->route()->connect( new WP_REST_Request( 'POST', array( 'state' => $state, 'site' => 'sto_other' ) + self::GIVEN ) );
		$this->assertSame( 'doorstep_state', $again->get_error_code() );
	}

	public function test_the_connected_site_renews_its_keys_without_a_state(): void {
		$answer = $this->route()->connect( new WP_REST_Request( 'POST', array( 'site' => 'sto_1', 'state' => '' ) + self::GIVEN ) );
		$this->assertTrue( $answer->data['connected'] );
		$this->assertSame( 'pk_live_9', $this->connection->part( 'key' ) );
	}

	public function test_a_stranger_is_refused_and_nothing_changes(): void {
		$answer = $this->route()->connect( new WP_REST_Request( 'POST', array( 'state' => 'guess' ) + self::GIVEN ) );
		$this->assertInstanceOf( WP_Error::class, $answer );
		$this->assertSame( 'sto_1', $this->connection->part( 'site' ) );
	}

	public function test_an_unsafe_gateway_is_refused(): void {
		$state  = $this->connection->new_state();
		$answer = $this->route()->connect( new WP_REST_Request( 'POST', array( 'state' => $state, 'gateway' => 'http://gateway.example' ) + self::GIVEN ) );
		$this->assertSame( 'doorstep_incomplete', $answer->get_error_code() );
		$this->assertSame( 'sto_1', $this->connection->part( 'site' ) );
	}

	public function test_what_is_shown_has_no_key(): void {
		$shown = json_encode( $this->route()->show()->data );
		$this->assertStringNotContainsString( 'pk_live', $shown );
		$this->assertStringNotContainsString( 'very secret', $shown );
	}

	public function test_only_managers_may(): void {
		Shop::$can = false;
		$this->assertFalse( $this->route()->may() );
	}

	/**
	 * @dataProvider gateways
	 */
	#[DataProvider( 'gateways' )]
	public function test_disconnecting_tells_the_gateway_and_forgets_everything_even_if_nobody_answers( int $status ): void {
		if ( 0 !== $status ) {
			Shop::answers( $status, array( 'disconnected' => true ) );
		}
		$this->route()->disconnect();
		$call    = Shop::$calls[0];
		$stamp   = $call['args']['headers']['X-Doorstep-Timestamp'];
		$by_hand = base64_encode( hash_hmac( 'sha256', $stamp . '.' . $call['args']['body'], 'very secret', true ) );
		$this->assertSame( self::GATEWAY . '/woocommerce/disconnect', $call['url'] );
		$this->assertSame( $by_hand, $call['args']['headers']['X-Doorstep-Signature'] );
		$this->assertFalse( $this->connection->connected() );
		$this->assertArrayNotHasKey( 'doorstep_connection', Shop::$options );
	}

	public static function gateways(): array {
		return array( array( 200 ), array( 401 ), array( 500 ), array( 0 ) );
	}

	public function test_a_shop_that_has_left_posts_no_more_orders_to_the_gateway(): void {
		foreach ( array( self::GATEWAY . '/webhooks/stores/sto_1', 'https://other.example/hook', 'https://gateway.example.org/hook' ) as $id => $address ) {
			Shop::$webhooks[ $id ] = new WC_Webhook( $id, $address );
		}
		$this->route()->disconnect();
		$this->assertSame( array( 1, 2 ), array_keys( Shop::$webhooks ) );
	}

	public function test_a_shop_that_is_not_connected_tells_nobody(): void {
		$this->connection->forget();
		$this->route()->disconnect();
		$this->assertSame( array(), Shop::$calls );
	}

	public function test_the_page_says_how_connecting_went_and_believes_no_address_that_it_is_connected(): void {
		$this->assertSame( 'Connected.', SettingsPage::outcome( 'connected', true ) );
		$this->assertStringContainsString( 'Connect again', SettingsPage::outcome( 'connected', false ) );
		$this->assertStringContainsString( 'nothing was changed', SettingsPage::outcome( 'denied', false ) );
		$this->assertStringContainsString( '/wp-json/wc-doorstep/', SettingsPage::outcome( 'firewall', false ) );
		$this->assertStringContainsString( '(too_slow)', SettingsPage::outcome( 'too_slow', false ) );
	}

	/**
	 * @dataProvider addresses
	 */
	#[DataProvider( 'addresses' )]
	public function test_keys_travel_by_https_or_within_the_machine( $given, string $kept ): void {
		$this->assertSame( $kept, Address::clean( $given ) );
	}

	public static function addresses(): array {
		return array(
			array( 'https://gateway.example/', 'https://gateway.example' ),
			array( ' https://gateway.example/base ', 'https://gateway.example/base' ),
			array( 'http://127.0.0.1:8400', 'http://127.0.0.1:8400' ),
			array( 'http://gateway.example', '' ),
			array( 'http://127.0.0.1.example', '' ),
			array( 'https://user:word@gateway.example', '' ),
			array( 'https://gateway.example?x=1', '' ),
			array( 'javascript:alert(1)', '' ),
			array( 'gateway.example', '' ),
			array( array( 'https://gateway.example' ), '' ),
		);
	}

	public function test_order_calls_are_signed_over_timestamp_and_body(): void {
		Shop::answers( 200, array( 'known' => false ) );
		$this->client->show_order( 123 );
		$call    = Shop::$calls[0]['args'];
		$stamp   = $call['headers']['X-Doorstep-Timestamp'];
		$by_hand = base64_encode( hash_hmac( 'sha256', $stamp . '.{"order_id":"123"}', 'very secret', true ) );
		$this->assertSame( $by_hand, $call['headers']['X-Doorstep-Signature'] );
		$this->assertArrayNotHasKey( 'Authorization', $call['headers'] );
	}

	public function test_buttons_want_the_capability_and_a_nonce(): void {
		$actions = new SettingsActions( $this->connection, $this->client );
		foreach ( array( 'connect', 'disconnect', 'test', 'save' ) as $name ) {
			foreach ( array( true, false ) as $may ) {
				Shop::$can = $may;
				try {
					$actions->$name();
					$this->fail( "$name was let through" );
				} catch ( Denied $denied ) {
					$this->assertTrue( $this->connection->connected() );
				}
			}
		}
	}

	private function route(): ConnectionRoute {
		return new ConnectionRoute( $this->connection, $this->breaker, $this->client );
	}
}
