<?php
/**
 * The plugin.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce;

use Doorstep\WooCommerce\Admin\Health;
use Doorstep\WooCommerce\Admin\OrderPanel;
use Doorstep\WooCommerce\Admin\OrdersColumn;
use Doorstep\WooCommerce\Admin\PickupPhone;
use Doorstep\WooCommerce\Admin\SettingsActions;
use Doorstep\WooCommerce\Admin\SettingsPage;
use Doorstep\WooCommerce\Checkout\BlocksCheckout;
use Doorstep\WooCommerce\Checkout\Choosing;
use Doorstep\WooCommerce\Checkout\ClassicCheckout;
use Doorstep\WooCommerce\Checkout\Fields;
use Doorstep\WooCommerce\Checkout\Mending;
use Doorstep\WooCommerce\Checkout\OrderMark;
use Doorstep\WooCommerce\Checkout\SlotPicker;
use Doorstep\WooCommerce\Checkout\Slots;
use Doorstep\WooCommerce\Rates\Cache;
use Doorstep\WooCommerce\Rates\Freshness;
use Doorstep\WooCommerce\Rates\Place;
use Doorstep\WooCommerce\Rates\Selection;
use Doorstep\WooCommerce\Rates\ShippingMethod;
use Doorstep\WooCommerce\Rates\Source;
use Doorstep\WooCommerce\Rest\ConnectionRoute;
use Doorstep\WooCommerce\Tracking\Emails;
use Doorstep\WooCommerce\Tracking\OrderPages;

defined( 'ABSPATH' ) || exit;

/**
 * The one place that wires; and where the shipping method, which WooCommerce makes itself, finds its parts.
 */
final class Plugin {

	/**
	 * The only one.
	 *
	 * @var self|null
	 */
	private static $only = null;

	/**
	 * What the shop knows of its gateway.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * The shopper's session.
	 *
	 * @var Session
	 */
	private $session;

	/**
	 * Leaves a gateway alone that is down.
	 *
	 * @var Breaker
	 */
	private $breaker;

	/**
	 * What shoppers may be made to wait.
	 *
	 * @var Budget
	 */
	private $budget;

	/**
	 * Tells the time.
	 *
	 * @var Clock
	 */
	private $clock;

	/**
	 * Calls the gateway.
	 *
	 * @var Client
	 */
	private $client;

	/**
	 * This shopper's answers.
	 *
	 * @var Cache
	 */
	private $cache;

	/**
	 * When to ask again.
	 *
	 * @var Freshness
	 */
	private $freshness;

	/**
	 * Picked slots.
	 *
	 * @var Slots
	 */
	private $slots;

	/**
	 * Where rates come from.
	 *
	 * @var Source
	 */
	private $source;

	/**
	 * Makes the parts.
	 */
	public function __construct() {
		$place            = new Place();
		$this->clock      = new Clock();
		$this->connection = new Connection();
		$this->session    = new Session();
		$this->budget     = new Budget();
		$this->breaker    = new Breaker( $this->clock );
		$this->client     = new Client( $this->connection, $this->budget, $this->clock );
		$this->cache      = new Cache( $this->session );
		$this->slots      = new Slots( $this->session );
		$this->freshness  = new Freshness( $this->session, $place, $this->clock );
		$this->source     = new Source( $this->client, $this->breaker, $this->cache, $this->freshness, $place, $this->session, $this->clock );
	}

	/**
	 * The only one.
	 */
	public static function get(): self {
		if ( null === self::$only ) {
			self::$only = new self();
		}
		return self::$only;
	}

	/**
	 * Hooks everything in.
	 */
	public function boot(): void {
		add_action( 'init', array( $this, 'load_texts' ) );
		$this->boot_rates();
		$this->boot_checkout();
		$this->boot_tracking();
		( new PickupPhone() )->hook();
		( new ConnectionRoute( $this->connection, $this->breaker, $this->client ) )->hook();
		if ( is_admin() ) {
			$this->boot_admin();
		}
	}

	/**
	 * The texts in the shop's language.
	 */
	public function load_texts(): void {
		load_plugin_textdomain( 'doorstep', false, dirname( plugin_basename( DOORSTEP_FILE ) ) . '/languages' );
	}

	/**
	 * The shipping method among WooCommerce's.
	 *
	 * @param mixed $methods By id.
	 * @return mixed
	 */
	public function add_method( $methods ) {
		if ( is_array( $methods ) ) {
			$methods[ ShippingMethod::ID ] = ShippingMethod::class;
		}
		return $methods;
	}

	/**
	 * What the gateway is known by.
	 */
	public function connection(): Connection {
		return $this->connection;
	}

	/**
	 * Where rates come from.
	 */
	public function source(): Source {
		return $this->source;
	}

	/**
	 * Picked slots.
	 */
	public function slots(): Slots {
		return $this->slots;
	}

	/**
	 * When to ask again.
	 */
	public function freshness(): Freshness {
		return $this->freshness;
	}

	/**
	 * Rates in the cart.
	 */
	private function boot_rates(): void {
		$selection = new Selection( $this->session );
		add_filter( 'woocommerce_shipping_methods', array( $this, 'add_method' ) );
		add_filter( 'woocommerce_cart_shipping_packages', array( $this->freshness, 'mark' ), 1000 );
		add_filter( 'woocommerce_shipping_chosen_method', array( $selection, 'keep' ), 10, 3 );
		add_action( 'woocommerce_cart_emptied', array( $this->session, 'forget_cart' ), 10, 0 );
	}

	/**
	 * Both checkouts.
	 */
	private function boot_checkout(): void {
		$mending  = new Mending( $this->cache, $this->freshness );
		$choosing = new Choosing( $this->client, $this->breaker, $mending, $this->session, $this->budget, $this->clock );
		$mark     = new OrderMark( $choosing );
		( new ClassicCheckout( $choosing, $mark, $this->slots ) )->hook();
		( new BlocksCheckout( $choosing, $mark, $this->slots, $this->cache, $this->freshness ) )->hook();
		( new SlotPicker( $this->cache, $this->freshness ) )->hook();
		( new Fields() )->hook();
	}

	/**
	 * What shoppers see afterwards.
	 */
	private function boot_tracking(): void {
		( new OrderPages( $this->connection ) )->hook();
		( new Emails() )->hook();
	}

	/**
	 * What merchants see.
	 */
	private function boot_admin(): void {
		$health = new Health( $this->connection, $this->breaker );
		( new SettingsPage( $this->connection, $health ) )->hook();
		( new SettingsActions( $this->connection, $this->client ) )->hook();
		( new OrderPanel( $this->client, $this->connection ) )->hook();
		( new OrdersColumn() )->hook();
	}
}
