<?php
/**
 * Functions of WooCommerce.
 *
 * @package Doorstep
 */

function WC() {
	return Shop::$woocommerce;
}
function wc_get_logger() {
	return new FakeLogger();
}
function get_woocommerce_currency() {
	return Shop::$currency;
}
function wc_get_weight( $weight, $to ) {
	$grams = array(
		'kg'  => 1000,
		'lbs' => 453.592,
		'g'   => 1,
	);
	return $weight * $grams[ Shop::$options['woocommerce_weight_unit'] ?? 'kg' ];
}
function wc_get_dimension( $length, $to ) {
	$millimetres = array(
		'cm' => 10,
		'in' => 25.4,
		'mm' => 1,
	);
	return $length * $millimetres[ Shop::$options['woocommerce_dimension_unit'] ?? 'cm' ];
}
function wc_format_decimal( $text ) {
	return str_replace( ',', '.', $text );
}
function wc_price( $amount ) {
	return '<span>&#36;' . number_format( $amount, 2 ) . '</span>';
}
function wc_get_order( $given ) {
	return $given instanceof WC_Order ? $given : ( Shop::$orders[ $given ] ?? false );
}
function wc_get_webhook( $id ) {
	return Shop::$webhooks[ $id ] ?? null;
}
function wc_notice_count( $kind ) {
	return count( Shop::$notices );
}
function wc_get_page_screen_id( $name ) {
	return 'woocommerce_page_wc-orders';
}
function is_cart() {
	return in_array( 'cart', Shop::$pages, true );
}
function is_checkout() {
	return in_array( 'checkout', Shop::$pages, true );
}
