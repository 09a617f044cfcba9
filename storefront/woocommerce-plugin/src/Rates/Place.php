<?php
/**
 * Which page this is.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Rates;

defined( 'ABSPATH' ) || exit;

/**
 * Options are asked for where a shopper reads them; a product page, the admin and cron never wait for a gateway.
 */
class Place {

	// The basket in a corner of every page. All other calls are of a cart or checkout, a wallet's button included.
	const SILENT_AJAX = array( 'get_refreshed_fragments', 'add_to_cart', 'remove_from_cart', 'get_variation' );

	/**
	 * Whether this request may ask the gateway.
	 */
	public function asks(): bool {
		if ( self::in_store_api() ) {
			return true;
		}
		if ( wp_doing_cron() || ( defined( 'REST_REQUEST' ) && REST_REQUEST ) || ( is_admin() && ! wp_doing_ajax() ) ) {
			return false;
		}
		// phpcs:ignore WordPress.Security.NonceVerification.Recommended -- decides only whether to ask; changes nothing.
		$ajax = isset( $_GET['wc-ajax'] ) ? sanitize_key( wp_unslash( $_GET['wc-ajax'] ) ) : '';
		if ( '' !== $ajax ) {
			return ! in_array( $ajax, self::SILENT_AJAX, true );
		}
		// Before the query is made WordPress cannot tell, and warns of the question.
		return did_action( 'wp' ) > 0 && ( is_cart() || is_checkout() );
	}

	/**
	 * Whether the shopper has pressed "Place order": what was shown must not change under the finger.
	 */
	public function submits(): bool {
		// phpcs:ignore WordPress.Security.NonceVerification.Recommended -- decides only whether to ask; changes nothing.
		if ( isset( $_GET['wc-ajax'] ) && 'checkout' === sanitize_key( wp_unslash( $_GET['wc-ajax'] ) ) ) {
			return true;
		}
		// phpcs:ignore WordPress.Security.NonceVerification.Missing -- WooCommerce checks it before it acts.
		if ( isset( $_POST['woocommerce_checkout_place_order'] ) ) {
			return true;
		}
		$posted = isset( $_SERVER['REQUEST_METHOD'] ) && 'POST' === $_SERVER['REQUEST_METHOD'];
		return $posted && (bool) preg_match( '#/wc/store(/v\d+)?/checkout(\?|&|/|$)#', self::route() );
	}

	/**
	 * Whether a cart or checkout made of blocks is asking.
	 */
	private static function in_store_api(): bool {
		return false !== strpos( self::route(), '/wc/store' );
	}

	/**
	 * The REST route as the browser named it, with pretty permalinks or without.
	 */
	private static function route(): string {
		// phpcs:ignore WordPress.Security.ValidatedSanitizedInput -- compared only.
		$address = isset( $_SERVER['REQUEST_URI'] ) ? rawurldecode( wp_unslash( $_SERVER['REQUEST_URI'] ) ) : '';
		$pretty  = '/' . rest_get_url_prefix() . '/';
		if ( false !== strpos( $address, $pretty ) || false !== strpos( $address, 'rest_route=' ) ) {
			return $address;
		}
		return '';
	}
}
