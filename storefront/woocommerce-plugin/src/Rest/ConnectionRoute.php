<?php
/**
 * Where the gateway hands over its keys.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Rest;

use Doorstep\WooCommerce\Breaker;
use Doorstep\WooCommerce\Client;
use Doorstep\WooCommerce\Connection;
use Doorstep\WooCommerce\Log;

defined( 'ABSPATH' ) || exit;

/**
 * `wc-doorstep/v1/connection`. Namespaces that begin with "wc-" are opened by WooCommerce's own keys.
 */
final class ConnectionRoute {

	const SPACE = 'wc-doorstep/v1';

	/**
	 * The gateway.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * What is known of failures.
	 *
	 * @var Breaker
	 */
	private $breaker;

	/**
	 * Calls the gateway.
	 *
	 * @var Client
	 */
	private $client;

	/**
	 * Makes one.
	 *
	 * @param Connection $connection The gateway.
	 * @param Breaker    $breaker    What is known of failures.
	 * @param Client     $client     Calls the gateway.
	 */
	public function __construct( Connection $connection, Breaker $breaker, Client $client ) {
		$this->connection = $connection;
		$this->breaker    = $breaker;
		$this->client     = $client;
	}

	/**
	 * Hooks it in.
	 */
	public function hook(): void {
		add_action( 'rest_api_init', array( $this, 'register' ) );
	}

	/**
	 * Registers the route.
	 */
	public function register(): void {
		$ways = array();
		foreach ( array(
			'GET'    => 'show',
			'POST'   => 'connect',
			'DELETE' => 'disconnect',
		) as $method => $name ) {
			$ways[] = array(
				'methods'             => $method,
				'callback'            => array( $this, $name ),
				'permission_callback' => array( $this, 'may' ),
			);
		}
		register_rest_route( self::SPACE, '/connection', $ways );
	}

	/**
	 * Whether the caller manages the shop.
	 */
	public function may(): bool {
		return current_user_can( 'manage_woocommerce' );
	}

	/**
	 * What is connected; never a key.
	 */
	public function show(): \WP_REST_Response {
		return new \WP_REST_Response( $this->state() );
	}

	/**
	 * Keeps the keys.
	 *
	 * @param \WP_REST_Request $request As the gateway sent it.
	 * @return \WP_REST_Response|\WP_Error
	 */
	public function connect( \WP_REST_Request $request ) {
		$given = array();
		foreach ( array_merge( Connection::PARTS, array( 'state' ) ) as $part ) {
			$value          = $request->get_param( $part );
			$given[ $part ] = is_string( $value ) ? $value : '';
		}
		if ( ! $this->connection->expects( $given['state'], $given['site'] ) ) {
			return new \WP_Error( 'doorstep_state', __( 'This shop did not ask to be connected within the last hour. Begin on its settings page.', 'doorstep' ), array( 'status' => 403 ) );
		}
		if ( ! $this->connection->keep( $given ) ) {
			return new \WP_Error( 'doorstep_incomplete', __( 'The gateway\'s address has to begin with https, and site, key and secret have to be given.', 'doorstep' ), array( 'status' => 400 ) );
		}
		$this->connection->state_used();
		$this->breaker->succeeded();
		// Rates that were worked out without a gateway are no longer right.
		\WC_Cache_Helper::get_transient_version( 'shipping', true );
		Log::info( 'Connected to ' . $this->connection->part( 'gateway' ) );
		return new \WP_REST_Response( $this->state() );
	}

	/**
	 * Forgets the keys.
	 */
	public function disconnect(): \WP_REST_Response {
		$this->client->say_goodbye();
		$this->connection->forget();
		$this->breaker->succeeded();
		\WC_Cache_Helper::get_transient_version( 'shipping', true );
		return new \WP_REST_Response( $this->state() );
	}

	/**
	 * What anybody who manages the shop may know.
	 */
	private function state(): array {
		return array(
			'connected'   => $this->connection->connected(),
			'site'        => $this->connection->part( 'site' ),
			'gateway'     => $this->connection->part( 'gateway' ),
			'plugin'      => DOORSTEP_VERSION,
			'woocommerce' => defined( 'WC_VERSION' ) ? WC_VERSION : '',
		);
	}
}
