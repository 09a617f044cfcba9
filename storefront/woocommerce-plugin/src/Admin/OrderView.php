<?php
/**
 * What the gateway knows of an order, as markup.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Admin;

use Doorstep\WooCommerce\Clock;

defined( 'ABSPATH' ) || exit;

/**
 * Everything that comes in is escaped here, once.
 */
final class OrderView {

	/**
	 * An order's deliveries, exceptions, and the button.
	 *
	 * @param array $answer The gateway's.
	 */
	public static function of( array $answer ): string {
		$html       = '';
		$deliveries = self::list_of( $answer, 'deliveries' );
		foreach ( $deliveries as $delivery ) {
			$html .= self::delivery( $delivery );
		}
		foreach ( self::list_of( $answer, 'exceptions' ) as $exception ) {
			$html .= '<div class="notice notice-warning inline"><p><strong>' . esc_html( self::text( $exception, 'title' ) ) . '</strong> ' . esc_html( self::text( $exception, 'evidence' ) ) . '</p></div>';
		}
		if ( array() === $deliveries ) {
			$html .= '<p>' . esc_html__( 'No delivery yet.', 'doorstep' ) . '</p>';
		}
		if ( ! empty( $answer['can_book'] ) ) {
			return $html . '<p><button type="button" class="button button-primary doorstep-book">' . esc_html__( 'Book now', 'doorstep' ) . '</button></p>';
		}
		$why = self::text( $answer, 'why_not' );
		return '' === $why ? $html : $html . '<p class="description">' . esc_html( $why ) . '</p>';
	}

	/**
	 * What came of booking.
	 *
	 * @param array $answer The gateway's.
	 */
	public static function of_booking( array $answer ): string {
		$html = '';
		foreach ( self::list_of( $answer, 'booked' ) as $booked ) {
			/* translators: %s: a carrier's name */
			$html .= '<p>' . esc_html( sprintf( __( 'Booked with %s.', 'doorstep' ), self::text( $booked, 'carrier' ) ) ) . '</p>';
		}
		foreach ( self::list_of( $answer, 'problems' ) as $problem ) {
			$html .= '<div class="notice notice-error inline"><p>' . esc_html( self::text( $problem, 'message' ) ) . '</p></div>';
		}
		return '' === $html ? '<p>' . esc_html__( 'Nothing was left to book.', 'doorstep' ) . '</p>' : $html;
	}

	/**
	 * One delivery.
	 *
	 * @param array $delivery The gateway's.
	 */
	private static function delivery( array $delivery ): string {
		$name = trim( self::text( $delivery, 'carrier' ) . ' ' . self::text( $delivery, 'service' ) );
		$html = '<p><strong>' . esc_html( '' === $name ? __( 'Delivery', 'doorstep' ) : $name ) . '</strong><br>' . esc_html( self::text( $delivery, 'status_text' ) );
		$eta  = isset( $delivery['eta'] ) && is_array( $delivery['eta'] ) ? self::moment( self::text( $delivery['eta'], 'at' ) ) : '';
		if ( '' !== $eta ) {
			/* translators: %s: date and time */
			$html .= '<br>' . esc_html( sprintf( __( 'Expected %s', 'doorstep' ), $eta ) );
		}
		$promise = isset( $delivery['promise'] ) && is_array( $delivery['promise'] ) ? self::moment( self::text( $delivery['promise'], 'end' ) ) : '';
		if ( '' !== $promise ) {
			/* translators: %s: date and time */
			$html .= '<br>' . esc_html( sprintf( __( 'Promised by %s', 'doorstep' ), $promise ) );
		}
		$address = self::text( $delivery, 'tracking_url' );
		if ( preg_match( '#^https?://#i', $address ) ) {
			$html .= '<br><a href="' . esc_url( $address ) . '" target="_blank" rel="noopener">' . esc_html__( 'Track', 'doorstep' ) . '</a>';
		}
		return $html . '</p>';
	}

	/**
	 * A moment in the shop's own time and style.
	 *
	 * @param string $text ISO 8601.
	 */
	private static function moment( string $text ): string {
		$seconds = Clock::seconds( $text );
		if ( 0 === $seconds ) {
			return '';
		}
		return (string) wp_date( get_option( 'date_format' ) . ' ' . get_option( 'time_format' ), $seconds );
	}

	/**
	 * The lists of an answer, without what is no object.
	 *
	 * @param array  $answer The gateway's.
	 * @param string $name   Which.
	 */
	private static function list_of( array $answer, string $name ): array {
		return isset( $answer[ $name ] ) && is_array( $answer[ $name ] ) ? array_filter( $answer[ $name ], 'is_array' ) : array();
	}

	/**
	 * A text of an answer.
	 *
	 * @param array  $given The gateway's.
	 * @param string $name  Which.
	 */
	private static function text( array $given, string $name ): string {
		return isset( $given[ $name ] ) && is_string( $given[ $name ] ) ? $given[ $name ] : '';
	}
}
