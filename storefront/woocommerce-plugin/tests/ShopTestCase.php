<?php
/**
 * A connected shop.
 *
 * @package Doorstep
 */

use Doorstep\WooCommerce\Breaker;
use Doorstep\WooCommerce\Budget;
use Doorstep\WooCommerce\Checkout\Choosing;
use Doorstep\WooCommerce\Checkout\Mending;
use Doorstep\WooCommerce\Checkout\OrderMark;
use Doorstep\WooCommerce\Checkout\Slots;
use Doorstep\WooCommerce\Client;
use Doorstep\WooCommerce\Clock;
use Doorstep\WooCommerce\Connection;
use Doorstep\WooCommerce\Plugin;
use Doorstep\WooCommerce\Rates\Cache;
use Doorstep\WooCommerce\Rates\Freshness;
use Doorstep\WooCommerce\Rates\Place;
use Doorstep\WooCommerce\Rates\Rate;
use Doorstep\WooCommerce\Rates\Source;
use Doorstep\WooCommerce\Session;
use PHPUnit\Framework\TestCase;

/**
 * Wires the parts as Plugin does, with a clock and a gateway of the test's.
 */
abstract class ShopTestCase extends TestCase {

	protected const GATEWAY = 'https://gateway.example';

	protected $clock;
	protected $session;
	protected $connection;
	protected $breaker;
	protected $budget;
	protected $client;
	protected $cache;
	protected $slots;
	protected $freshness;
	protected $source;
	protected $choosing;
	protected $mark;

	protected function setUp(): void {
		Shop::open();
		$only = new ReflectionProperty( Plugin::class, 'only' );
		if ( PHP_VERSION_ID < 80100 ) {
			$only->setAccessible( true );
		}
		$only->setValue( null, null );
		$this->connect();
		$place            = new Place();
		$this->clock      = new Clock();
		$this->session    = new Session();
		$this->connection = new Connection();
		$this->budget     = new Budget();
		$this->breaker    = new Breaker( $this->clock );
		$this->client     = new Client( $this->connection, $this->budget, $this->clock );
		$this->cache      = new Cache( $this->session );
		$this->slots      = new Slots( $this->session );
		$this->freshness  = new Freshness( $this->session, $place, $this->clock );
		$this->source     = new Source( $this->client, $this->breaker, $this->cache, $this->freshness, $place, $this->session, $this->clock );
		$mending          = new Mending( $this->cache, $this->freshness );
		$this->choosing   = new Choosing( $this->client, $this->breaker, $mending, $this->session, $this->budget, $this->clock );
		$this->mark       = new OrderMark( $this->choosing );
		$this->visit( 'checkout' );
	}

	protected function connect(): void {
		Shop::$options['doorstep_connection'] = array(
			'gateway'  => self::GATEWAY,
			'site'     => 'sto_1',
			'key'      => 'pk_live_1',
			'secret'   => 'very secret',
			'merchant' => 'Corner shop',
		);
	}

	protected function visit( string ...$pages ): void {
		Shop::$pages = array_merge( array( 'wp' ), $pages );
	}

	protected static function package( int $quantity = 2 ): array {
		$kettle = new WC_Product(
			array(
				'id'             => 12,
				'sku'            => 'K1',
				'name'           => 'Kettle',
				'weight'         => '1.2',
				'length'         => '30',
				'shipping_class' => 'bulky',
			)
		);
		return array(
			'contents'    => array(
				'line1' => array(
					'product_id'   => 12,
					'variation_id' => 0,
					'quantity'     => $quantity,
					'line_total'   => 19.99 * $quantity,
					'data'         => $kettle,
				),
			),
			'destination' => array(
				'country'   => 'US',
				'state'     => 'NY',
				'postcode'  => '10001',
				'city'      => 'New York',
				'address_1' => '1 Main Street',
				'address_2' => '',
			),
		);
	}

	protected static function iso( int $from_now_s ): string {
		return gmdate( 'Y-m-d\TH:i:s\Z', time() + $from_now_s );
	}

	protected static function rate( array $changes = array() ): array {
		return $changes + array(
			'option_id'     => 'quo_1',
			'code'          => 'uber_direct.standard',
			'title'         => 'Courier, within the hour',
			'cost_minor'    => 599,
			'currency'      => 'USD',
			'description'   => 'To your door',
			'delivery_time' => 'Today, 15:00-16:00',
			'window'        => array(
				'start' => self::iso( 3600 ),
				'end'   => self::iso( 7200 ),
			),
			'stands_until'  => self::iso( 900 ),
			'slots'         => array(),
		);
	}

	protected static function two_slots(): array {
		return array(
			array(
				'id'          => 'slt_1',
				'label'       => 'Tue 15:00-17:00',
				'start'       => self::iso( 3600 ),
				'end'         => self::iso( 7200 ),
				'price_minor' => 200,
			),
			array(
				'id'          => 'slt_2',
				'label'       => 'Tue 17:00-19:00',
				'start'       => self::iso( 7200 ),
				'end'         => self::iso( 9000 ),
				'price_minor' => null,
			),
		);
	}

	protected static function answer( array ...$rates ): array {
		return array(
			'options_id'      => 'qst_1',
			'complete'        => true,
			'refresh_after_s' => null,
			'server_time'     => self::iso( 0 ),
			'rates'           => $rates,
			'why_empty'       => '',
		);
	}

	/**
	 * The shopper has asked and selected an option.
	 */
	protected function select( array $rate ): WC_Shipping_Rate {
		Shop::answers( 200, self::answer( $rate ) );
		$offers = $this->source->offers( self::package(), 3 );
		$made   = Rate::of( $offers->all[ $rate['code'] ], $offers->options_id, $this->slots->of( $rate['code'] ), 'USD' );
		$shown  = new WC_Shipping_Rate( 'doorstep:3:' . $rate['code'], $made['label'], $made['cost'], $made['meta'] );

		Shop::$woocommerce->shipping_parts->packages = array( array( 'rates' => array( $shown->get_id() => $shown ) ) );
		WC()->session->set( 'chosen_shipping_methods', array( $shown->get_id() ) );
		return $shown;
	}
}
