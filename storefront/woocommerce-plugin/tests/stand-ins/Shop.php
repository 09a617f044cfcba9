<?php
/**
 * What the stand-ins remember.
 *
 * @package Doorstep
 */

/**
 * One shop, made anew for each test.
 */
final class Shop {

	public static $options    = array();
	public static $transients = array();
	public static $hooks      = array();
	public static $notices    = array();
	public static $logged     = array();
	public static $calls      = array();
	public static $sent       = array();
	public static $can        = true;
	public static $currency   = 'USD';
	public static $pages      = array();
	public static $orders     = array();
	public static $post_types = array();
	public static $webhooks   = array();

	/**
	 * The gateway: function ( string $url, array $args ): array|WP_Error.
	 *
	 * @var callable
	 */
	public static $gateway;

	/**
	 * WooCommerce().
	 *
	 * @var object
	 */
	public static $woocommerce;

	public static function open(): void {
		foreach ( array( 'options', 'transients', 'hooks', 'notices', 'logged', 'calls', 'sent', 'pages', 'orders', 'post_types', 'webhooks' ) as $name ) {
			self::$$name = array();
		}
		self::$can         = true;
		self::$currency    = 'USD';
		self::$gateway     = static function () {
			return new WP_Error( 'http_request_failed', 'cURL error 28: timed out' );
		};
		self::$woocommerce = new FakeWooCommerce( new FakeSession(), new FakeCart(), new FakeShipping() );
		$_GET  = array();
		$_POST = array();
		unset( $_SERVER['REQUEST_URI'], $_SERVER['REQUEST_METHOD'] );
	}

	/**
	 * What a gateway answers to everything.
	 */
	public static function answers( int $status, array $body, array $headers = array() ): void {
		self::$gateway = static function () use ( $status, $body, $headers ) {
			return array(
				'response' => array( 'code' => $status ),
				'headers'  => $headers,
				'body'     => json_encode( $body ),
			);
		};
	}

	/**
	 * The body of the last call.
	 */
	public static function last_body(): array {
		$last = end( self::$calls );
		return json_decode( $last['args']['body'], true );
	}
}
