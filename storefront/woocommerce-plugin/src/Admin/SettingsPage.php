<?php
/**
 * WooCommerce > Doorstep.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Admin;

use Doorstep\WooCommerce\Connection;
use Doorstep\WooCommerce\Options;

defined( 'ABSPATH' ) || exit;

/**
 * What is connected, what to mend, and a few switches.
 */
final class SettingsPage {

	const SLUG = 'doorstep';

	/**
	 * The gateway.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * What to mend.
	 *
	 * @var Health
	 */
	private $health;

	/**
	 * Makes one.
	 *
	 * @param Connection $connection The gateway.
	 * @param Health     $health     What to mend.
	 */
	public function __construct( Connection $connection, Health $health ) {
		$this->connection = $connection;
		$this->health     = $health;
	}

	/**
	 * Hooks it in.
	 */
	public function hook(): void {
		add_action( 'admin_menu', array( $this, 'add' ), 60 );
		add_filter( 'plugin_action_links_' . plugin_basename( DOORSTEP_FILE ), array( $this, 'add_link' ) );
	}

	/**
	 * Its address.
	 */
	public static function address(): string {
		return admin_url( 'admin.php?page=' . self::SLUG );
	}

	/**
	 * Adds it to WooCommerce's menu.
	 */
	public function add(): void {
		$title = __( 'Doorstep', 'doorstep' );
		add_submenu_page( 'woocommerce', $title, $title, 'manage_woocommerce', self::SLUG, array( $this, 'show' ) );
	}

	/**
	 * A link in the list of plugins.
	 *
	 * @param mixed $links Markup.
	 * @return mixed
	 */
	public function add_link( $links ) {
		if ( is_array( $links ) ) {
			array_unshift( $links, '<a href="' . esc_url( self::address() ) . '">' . esc_html__( 'Settings', 'doorstep' ) . '</a>' );
		}
		return $links;
	}

	/**
	 * Shows it.
	 */
	public function show(): void {
		if ( ! current_user_can( 'manage_woocommerce' ) ) {
			return;
		}
		echo '<div class="wrap"><h1>' . esc_html__( 'Doorstep', 'doorstep' ) . '</h1>';
		self::show_notice();
		$this->show_outcome();
		if ( $this->connection->connected() ) {
			$this->show_connected();
		} else {
			$this->show_connect( __( 'Connect', 'doorstep' ) );
		}
		$this->show_health();
		self::show_switches();
		echo '</div>';
	}

	/**
	 * What the last button did.
	 */
	private static function show_notice(): void {
		$name   = SettingsActions::NOTICE . get_current_user_id();
		$notice = get_transient( $name );
		if ( ! is_array( $notice ) || ! isset( $notice['text'] ) ) {
			return;
		}
		delete_transient( $name );
		echo '<div class="notice notice-' . ( empty( $notice['good'] ) ? 'error' : 'success' ) . '"><p>' . esc_html( $notice['text'] ) . '</p>';
		foreach ( isset( $notice['lines'] ) ? (array) $notice['lines'] : array() as $line ) {
			echo '<p>' . esc_html( $line ) . '</p>';
		}
		echo '</div>';
	}

	/**
	 * How connecting went, as the gateway told the browser on its way back.
	 */
	private function show_outcome(): void {
		// phpcs:ignore WordPress.Security.NonceVerification.Recommended -- a word to show; nothing is done.
		$told = isset( $_GET['doorstep'] ) ? sanitize_key( wp_unslash( $_GET['doorstep'] ) ) : '';
		if ( '' === $told ) {
			return;
		}
		$good = 'connected' === $told && $this->connection->connected();
		echo '<div class="notice notice-' . ( $good ? 'success' : 'error' ) . '"><p>' . esc_html( self::outcome( $told, $good ) ) . '</p></div>';
	}

	/**
	 * The same in words.
	 *
	 * @param string $told Code of the gateway's.
	 * @param bool   $good Whether the keys are here.
	 */
	public static function outcome( string $told, bool $good ): string {
		if ( $good ) {
			return __( 'Connected.', 'doorstep' );
		}
		if ( 'denied' === $told ) {
			return __( 'You did not let the gateway in, so nothing was changed.', 'doorstep' );
		}
		if ( in_array( $told, array( 'firewall', 'html_instead_of_json', 'site_password', 'api_not_found' ), true ) ) {
			return __( 'The gateway could not hand over its keys: a firewall or a security plugin is in the way. Allow the path /wp-json/wc-doorstep/ and the user agent Doorstep, then connect again.', 'doorstep' );
		}
		/* translators: %s: technical reason */
		return sprintf( __( 'The gateway could not hand over its keys (%s). Connect again in a minute.', 'doorstep' ), $told );
	}

	/**
	 * The connected gateway.
	 */
	private function show_connected(): void {
		$merchant = $this->connection->part( 'merchant' );
		echo '<h2>' . esc_html__( 'Connection', 'doorstep' ) . '</h2><table class="widefat striped" style="max-width:50em"><tbody>';
		self::row( __( 'Account', 'doorstep' ), '' === $merchant ? '–' : $merchant );
		self::row( __( 'Gateway', 'doorstep' ), $this->connection->part( 'gateway' ) );
		self::row( __( 'This shop', 'doorstep' ), $this->connection->part( 'site' ) );
		echo '</tbody></table><p>';
		self::button( 'test', __( 'Test the connection', 'doorstep' ), 'button-primary' );
		self::button( 'disconnect', __( 'Disconnect', 'doorstep' ), '' );
		echo '</p><details><summary>' . esc_html__( 'Connect again or to another gateway', 'doorstep' ) . '</summary>';
		$this->show_connect( __( 'Connect again', 'doorstep' ) );
		echo '</details>';
	}

	/**
	 * The form that leads to the gateway.
	 *
	 * @param string $label The button's.
	 */
	private function show_connect( string $label ): void {
		$gateway = $this->connection->part( 'gateway' );
		$gateway = '' === $gateway ? (string) get_option( SettingsActions::HOST, '' ) : $gateway;
		self::open( 'connect' );
		echo '<p>' . esc_html__( 'You are led to your gateway and back; WooCommerce asks you once to let it in. There are no keys to copy.', 'doorstep' ) . '</p>';
		echo '<p><label for="doorstep-gateway">' . esc_html__( 'Address of your gateway', 'doorstep' ) . '</label> ';
		echo '<input type="url" class="regular-text" id="doorstep-gateway" name="gateway" required placeholder="https://" value="' . esc_attr( $gateway ) . '"> ';
		echo '<button class="button button-primary">' . esc_html( $label ) . '</button></p></form>';
	}

	/**
	 * What is well, and what to mend.
	 */
	private function show_health(): void {
		echo '<h2>' . esc_html__( 'What to mend', 'doorstep' ) . '</h2><ul>';
		foreach ( $this->health->findings() as $finding ) {
			$sign = $finding['good'] ? '✓' : '✗';
			echo '<li>' . esc_html( $sign . ' ' . $finding['text'] );
			if ( ! $finding['good'] && '' !== $finding['link'] ) {
				echo ' <a href="' . esc_url( $finding['link'] ) . '">' . esc_html__( 'Mend', 'doorstep' ) . '</a>';
			}
			echo '</li>';
		}
		echo '</ul>';
	}

	/**
	 * The switches.
	 */
	private static function show_switches(): void {
		$switches = array(
			Options::FIELDS => __( 'Ask for delivery instructions and a safe place at the checkout', 'doorstep' ),
			Options::MAIL   => __( 'Write a tracking link into customers\' e-mails', 'doorstep' ),
			Options::LIVE   => __( 'Show the live map in My Account', 'doorstep' ),
		);
		echo '<h2>' . esc_html__( 'Settings', 'doorstep' ) . '</h2>';
		self::open( 'save' );
		foreach ( $switches as $name => $label ) {
			echo '<p><label><input type="checkbox" name="on[]" value="' . esc_attr( $name ) . '"' . checked( Options::on( $name ), true, false ) . '> ' . esc_html( $label ) . '</label></p>';
		}
		echo '<p><button class="button">' . esc_html__( 'Save', 'doorstep' ) . '</button></p></form>';
	}

	/**
	 * One line of the table.
	 *
	 * @param string $title What it is.
	 * @param string $text  What it says.
	 */
	private static function row( string $title, string $text ): void {
		echo '<tr><th scope="row">' . esc_html( $title ) . '</th><td>' . esc_html( $text ) . '</td></tr>';
	}

	/**
	 * Opens a form of one of our actions.
	 *
	 * @param string $action Its name.
	 * @param string $style  CSS.
	 */
	private static function open( string $action, string $style = '' ): void {
		echo '<form method="post" action="' . esc_url( admin_url( 'admin-post.php' ) ) . '" style="' . esc_attr( $style ) . '">';
		echo '<input type="hidden" name="action" value="doorstep_' . esc_attr( $action ) . '">';
		wp_nonce_field( SettingsActions::NONCE );
	}

	/**
	 * A button that is a form of its own.
	 *
	 * @param string $action Its name.
	 * @param string $label  What stands on it.
	 * @param string $kind   CSS class.
	 */
	private static function button( string $action, string $label, string $kind ): void {
		self::open( $action, 'display:inline' );
		echo '<button class="button ' . esc_attr( $kind ) . '">' . esc_html( $label ) . '</button></form> ';
	}
}
