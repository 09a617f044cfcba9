<?php
/**
 * What the gateway is asked.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Rates;

use Doorstep\WooCommerce\Money;

defined( 'ABSPATH' ) || exit;

/**
 * A package of WooCommerce's as a question.
 */
final class Question {

	/**
	 * The question, without the cart's id.
	 *
	 * @param array  $package     As `calculate_shipping` gets it.
	 * @param int    $instance_id The method's instance in its zone.
	 * @param string $currency    ISO 4217.
	 * @param string $locale      Such as en_US.
	 * @return array Empty where there is too little address, or nothing to carry.
	 */
	public static function of( array $package, int $instance_id, string $currency, string $locale ): array {
		$destination = self::destination( isset( $package['destination'] ) ? (array) $package['destination'] : array() );
		$items       = self::items( isset( $package['contents'] ) ? (array) $package['contents'] : array(), $currency );
		$place       = $destination['postcode'] . $destination['city'] . $destination['address_1'];
		if ( '' === $destination['country'] || '' === trim( $place ) || array() === $items ) {
			return array();
		}
		return array(
			'currency'    => $currency,
			'locale'      => $locale,
			'destination' => $destination,
			'items'       => $items,
			'instance_id' => $instance_id,
		);
	}

	/**
	 * The articles of a package, by which an order of several packages tells whose goods a shipping line brings.
	 *
	 * @param array $package As `calculate_shipping` gets it.
	 * @return string "12,21/22": products, and variations behind their parents.
	 */
	public static function articles( array $package ): string {
		$found = array();
		foreach ( isset( $package['contents'] ) ? (array) $package['contents'] : array() as $line ) {
			$product   = isset( $line['product_id'] ) ? (int) $line['product_id'] : 0;
			$variation = isset( $line['variation_id'] ) ? (int) $line['variation_id'] : 0;
			if ( $product > 0 ) {
				$found[] = $variation > 0 ? $product . '/' . $variation : (string) $product;
			}
		}
		return implode( ',', array_unique( $found ) );
	}

	/**
	 * The same question has the same key.
	 *
	 * @param array $question As `of` makes it.
	 */
	public static function key( array $question ): string {
		return md5( (string) wp_json_encode( $question ) );
	}

	/**
	 * Where to.
	 *
	 * @param array $given WooCommerce's destination; very old code fills `address` alone.
	 */
	private static function destination( array $given ): array {
		if ( empty( $given['address_1'] ) && ! empty( $given['address'] ) ) {
			$given['address_1'] = $given['address'];
		}
		$destination = array();
		foreach ( array( 'country', 'state', 'postcode', 'city', 'address_1', 'address_2' ) as $part ) {
			$destination[ $part ] = isset( $given[ $part ] ) && is_scalar( $given[ $part ] ) ? trim( (string) $given[ $part ] ) : '';
		}
		return $destination;
	}

	/**
	 * What to carry.
	 *
	 * @param array  $contents The package's lines.
	 * @param string $currency ISO 4217.
	 */
	private static function items( array $contents, string $currency ): array {
		$items   = array();
		$carried = false;
		foreach ( $contents as $key => $line ) {
			$product = isset( $line['data'] ) ? $line['data'] : null;
			if ( ! $product instanceof \WC_Product ) {
				continue;
			}
			$item    = self::item( (string) $key, $line, $product, $currency );
			$items[] = $item;
			$carried = $carried || $item['needs_shipping'];
		}
		return $carried ? $items : array();
	}

	/**
	 * One line.
	 *
	 * @param string      $key      The cart's key of the line.
	 * @param array       $line     The line.
	 * @param \WC_Product $product  Its product or variation.
	 * @param string      $currency ISO 4217.
	 */
	private static function item( string $key, array $line, \WC_Product $product, string $currency ): array {
		$quantity = isset( $line['quantity'] ) && is_numeric( $line['quantity'] ) ? (float) $line['quantity'] : 1.0;
		$quantity = max( 1.0, $quantity );
		$total    = isset( $line['line_total'] ) && is_numeric( $line['line_total'] ) ? (float) $line['line_total'] : 0.0;
		return array(
			'key'            => $key,
			'product_id'     => isset( $line['product_id'] ) ? (int) $line['product_id'] : $product->get_id(),
			'variation_id'   => isset( $line['variation_id'] ) ? (int) $line['variation_id'] : 0,
			'sku'            => (string) $product->get_sku(),
			'title'          => wp_strip_all_tags( (string) $product->get_name() ),
			// Shops that sell by the half kilogram count in fractions; a carrier counts pieces.
			'quantity'       => (int) ceil( $quantity ),
			'price_minor'    => Money::minor( $total / $quantity, $currency ),
			'weight_g'       => Measure::grams( $product->get_weight() ),
			'length_mm'      => Measure::millimetres( $product->get_length() ),
			'width_mm'       => Measure::millimetres( $product->get_width() ),
			'height_mm'      => Measure::millimetres( $product->get_height() ),
			'shipping_class' => (string) $product->get_shipping_class(),
			'tags'           => self::tags( $product ),
			'needs_shipping' => (bool) $product->needs_shipping(),
		);
	}

	/**
	 * The product's tags, a variation's from its parent.
	 *
	 * @param \WC_Product $product A product or variation.
	 */
	private static function tags( \WC_Product $product ): array {
		$parent = (int) $product->get_parent_id();
		$terms  = get_the_terms( $parent > 0 ? $parent : $product->get_id(), 'product_tag' );
		return is_array( $terms ) ? array_values( wp_list_pluck( $terms, 'slug' ) ) : array();
	}
}
