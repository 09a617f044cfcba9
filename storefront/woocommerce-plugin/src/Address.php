<?php
/**
 * The gateway's address.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce;

defined( 'ABSPATH' ) || exit;

/**
 * A base address that keys may be sent to.
 */
final class Address {

	const LOOPBACK = array( 'localhost', '127.0.0.1', '[::1]' );

	/**
	 * The address without a slash at its end, or '' where keys must not travel to it.
	 *
	 * Plain http is for a gateway on the same machine only.
	 *
	 * @param mixed $text What a person typed or a gateway sent.
	 */
	public static function clean( $text ): string {
		$text  = is_string( $text ) ? trim( $text ) : '';
		$parts = '' === $text || strlen( $text ) > 300 ? false : wp_parse_url( $text );
		if ( ! is_array( $parts ) || empty( $parts['host'] ) || empty( $parts['scheme'] ) ) {
			return '';
		}
		if ( isset( $parts['user'] ) || isset( $parts['pass'] ) || isset( $parts['query'] ) || isset( $parts['fragment'] ) ) {
			return '';
		}
		$scheme = strtolower( $parts['scheme'] );
		$near   = 'http' === $scheme && in_array( strtolower( $parts['host'] ), self::LOOPBACK, true );
		if ( 'https' !== $scheme && ! $near ) {
			return '';
		}
		return esc_url_raw( untrailingslashit( $text ), array( 'https', 'http' ) );
	}
}
