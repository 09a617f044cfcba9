<?php
/**
 * The buttons of the settings page.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Admin;

use Doorstep\WooCommerce\Address;
use Doorstep\WooCommerce\Client;
use Doorstep\WooCommerce\Connection;
use Doorstep\WooCommerce\Failure;
use Doorstep\WooCommerce\Options;

defined( 'ABSPATH' ) || exit;

/**
 * Each checks the capability and a nonce, acts, and leads back to the page.
 */
final class SettingsActions {

	const NONCE  = 'doorstep_settings';
	const NOTICE = 'doorstep_notice_';
	const HOST   = 'doorstep_gateway';

	/**
	 * The gateway.
	 *
	 * @var Connection
	 */
	private $connection;

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
	 * @param Client     $client     Calls the gateway.
	 */
	public function __construct( Connection $connection, Client $client ) {
		$this->connection = $connection;
		$this->client     = $client;
	}

	/**
	 * Hooks it in.
	 */
	public function hook(): void {
		foreach ( array( 'connect', 'disconnect', 'test', 'save' ) as $name ) {
			add_action( 'admin_post_doorstep_' . $name, array( $this, $name ) );
		}
	}

	/**
	 * Leads the merchant to the gateway.
	 */
	public function connect(): void {
		$this->check();
		// phpcs:ignore WordPress.Security.NonceVerification.Missing, WordPress.Security.ValidatedSanitizedInput -- checked above; Address::clean takes nothing but an address.
		$gateway = Address::clean( isset( $_POST['gateway'] ) ? wp_unslash( $_POST['gateway'] ) : '' );
		if ( '' === $gateway ) {
			$this->back( false, __( 'Please give the address of your gateway; it begins with https://.', 'doorstep' ) );
		}
		if ( '' === (string) get_option( 'permalink_structure' ) ) {
			$this->back( false, __( 'Permalinks are "Plain": WooCommerce refuses the gateway\'s keys then. Choose any other structure.', 'doorstep' ) );
		}
		update_option( self::HOST, $gateway, false );
		// The merchant chose the address: it is no other site by mistake.
		wp_redirect( $this->install_address( $gateway ) ); // phpcs:ignore WordPress.Security.SafeRedirect.wp_redirect_wp_redirect
		exit;
	}

	/**
	 * Where the merchant is led to.
	 *
	 * @param string $gateway The gateway's address.
	 */
	public function install_address( string $gateway ): string {
		$query = array(
			'shop'   => home_url(),
			'return' => SettingsPage::address(),
			'state'  => $this->connection->new_state(),
		);
		return $gateway . '/install/woocommerce?' . http_build_query( $query, '', '&', PHP_QUERY_RFC3986 );
	}

	/**
	 * Forgets the gateway.
	 */
	public function disconnect(): void {
		$this->check();
		$this->client->say_goodbye();
		$this->connection->forget();
		\WC_Cache_Helper::get_transient_version( 'shipping', true );
		$this->back( true, __( 'Disconnected. Shoppers are offered your fallback price until you connect again.', 'doorstep' ) );
	}

	/**
	 * Tries the connection.
	 */
	public function test(): void {
		$this->check();
		try {
			$answer = $this->client->test();
		} catch ( Failure $failure ) {
			$this->back( false, self::what_failed( $failure ) );
			return;
		}
		$lines = array();
		foreach ( isset( $answer['checks'] ) && is_array( $answer['checks'] ) ? $answer['checks'] : array() as $check ) {
			if ( is_array( $check ) && isset( $check['text'] ) && is_string( $check['text'] ) ) {
				$lines[] = ( empty( $check['passed'] ) ? '✗ ' : '✓ ' ) . sanitize_text_field( $check['text'] );
			}
		}
		$passed = array() === preg_grep( '/^✗/u', $lines );
		$this->back( $passed, __( 'The gateway answers.', 'doorstep' ), $lines );
	}

	/**
	 * Keeps the switches.
	 */
	public function save(): void {
		$this->check();
		// phpcs:ignore WordPress.Security.NonceVerification.Missing -- checked above.
		$on = isset( $_POST['on'] ) && is_array( $_POST['on'] ) ? array_map( 'sanitize_key', wp_unslash( $_POST['on'] ) ) : array();
		Options::set( $on );
		$this->back( true, __( 'Saved.', 'doorstep' ) );
	}

	/**
	 * In words that help.
	 *
	 * @param Failure $failure What happened.
	 */
	private static function what_failed( Failure $failure ): string {
		if ( in_array( $failure->status, array( 401, 403 ), true ) ) {
			return __( 'The gateway no longer knows this shop\'s key. Connect again.', 'doorstep' );
		}
		/* translators: %s: technical reason */
		return sprintf( __( 'The gateway could not be reached (%s). Check its address, and that this server may open connections to it.', 'doorstep' ), $failure->getMessage() );
	}

	/**
	 * Lets only the shop's managers pass, and only from our page.
	 */
	private function check(): void {
		if ( ! current_user_can( 'manage_woocommerce' ) ) {
			wp_die( esc_html__( 'You may not change these settings.', 'doorstep' ), '', array( 'response' => 403 ) );
		}
		check_admin_referer( self::NONCE );
	}

	/**
	 * Leads back to the page with a word on what happened.
	 *
	 * @param bool     $good  Whether it went well.
	 * @param string   $text  A sentence.
	 * @param string[] $lines More of it.
	 */
	private function back( bool $good, string $text, array $lines = array() ): void {
		$notice = array(
			'good'  => $good,
			'text'  => $text,
			'lines' => $lines,
		);
		set_transient( self::NOTICE . get_current_user_id(), $notice, 60 );
		wp_safe_redirect( SettingsPage::address() );
		exit;
	}
}
