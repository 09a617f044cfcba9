<?php
/**
 * Plugin Name: Doorstep for WooCommerce
 * Description: Own vans, couriers and parcel carriers as delivery options at the checkout, booked and tracked by your Doorstep gateway.
 * Version: 1.0.0
 * Requires at least: 6.4
 * Requires PHP: 7.4
 * Requires Plugins: woocommerce
 * WC requires at least: 8.0
 * WC tested up to: 10.0
 * Author: Doorstep
 * License: Apache-2.0
 * License URI: https://www.apache.org/licenses/LICENSE-2.0
 * Text Domain: doorstep
 * Domain Path: /languages
 *
 * @package Doorstep
 */

defined( 'ABSPATH' ) || exit;

define( 'DOORSTEP_VERSION', '1.0.0' );
define( 'DOORSTEP_FILE', __FILE__ );

require_once __DIR__ . '/autoload.php';

add_action(
	'before_woocommerce_init',
	static function () {
		$features = '\Automattic\WooCommerce\Utilities\FeaturesUtil';
		if ( class_exists( $features ) ) {
			$features::declare_compatibility( 'custom_order_tables', __FILE__, true );
			$features::declare_compatibility( 'cart_checkout_blocks', __FILE__, true );
		}
	}
);

// Without WooCommerce nothing is hooked: a shop that switches it off for a while keeps running.
add_action(
	'plugins_loaded',
	static function () {
		if ( class_exists( 'WooCommerce' ) ) {
			\Doorstep\WooCommerce\Plugin::get()->boot();
		}
	}
);
