<?php
/**
 * The webhooks that the gateway has made in this shop.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce;

defined( 'ABSPATH' ) || exit;

/**
 * WooCommerce posts orders to them until they are deleted, whether somebody listens or not.
 */
final class Webhooks {

	const MOST = 100;

	/**
	 * Those that lead to a gateway.
	 *
	 * @param string $gateway Its address.
	 * @return \WC_Webhook[]
	 */
	public static function to( string $gateway ): array {
		if ( '' === $gateway || ! function_exists( 'wc_get_webhook' ) ) {
			return array();
		}
		$ids = \WC_Data_Store::load( 'webhook' )->search_webhooks( array( 'limit' => self::MOST ) );
		return array_filter(
			array_map( 'wc_get_webhook', $ids ),
			static function ( $webhook ) use ( $gateway ): bool {
				return is_object( $webhook ) && 0 === strpos( $webhook->get_delivery_url(), $gateway . '/' );
			}
		);
	}

	/**
	 * Deletes them: a shop that has left tells the gateway nothing more.
	 *
	 * @param string $gateway Its address.
	 */
	public static function delete( string $gateway ): void {
		try {
			foreach ( self::to( $gateway ) as $webhook ) {
				$webhook->delete( true );
			}
		} catch ( \Throwable $trouble ) {
			Log::warning( 'Webhooks to the gateway could not be deleted: ' . $trouble->getMessage() );
		}
	}
}
