<?php
/**
 * Takes away what the plugin has kept. Orders keep what was noted in them.
 *
 * @package Doorstep
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

/**
 * Cleans one site.
 */
function doorstep_uninstall_site() {
	global $wpdb;
	foreach ( array( 'doorstep_connection', 'doorstep_options', 'doorstep_gateway', 'doorstep_pickup_phone' ) as $option ) {
		delete_option( $option );
	}
	foreach ( array( 'doorstep_breaker', 'doorstep_connect_state' ) as $transient ) {
		delete_transient( $transient );
	}
	$zones = $wpdb->prefix . 'woocommerce_shipping_zone_methods';
	// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared -- WooCommerce may be gone already, and its functions with it.
	if ( $wpdb->get_var( $wpdb->prepare( 'SHOW TABLES LIKE %s', $wpdb->esc_like( $zones ) ) ) === $zones ) {
		foreach ( $wpdb->get_col( $wpdb->prepare( "SELECT instance_id FROM {$zones} WHERE method_id = %s", 'doorstep' ) ) as $instance ) {
			delete_option( 'woocommerce_doorstep_' . (int) $instance . '_settings' );
		}
		$wpdb->delete( $zones, array( 'method_id' => 'doorstep' ) );
	}
	// phpcs:enable
}

if ( is_multisite() ) {
	$doorstep_sites = get_sites(
		array(
			'fields' => 'ids',
			'number' => 0,
		)
	);
	foreach ( $doorstep_sites as $doorstep_site ) {
		switch_to_blog( $doorstep_site );
		doorstep_uninstall_site();
		restore_current_blog();
	}
} else {
	doorstep_uninstall_site();
}
