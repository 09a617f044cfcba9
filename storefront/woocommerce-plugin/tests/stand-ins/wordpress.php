<?php
/**
 * Functions of WordPress.
 *
 * @package Doorstep
 */

class WP_Error {
	public $errors = array();
	public $data   = array();
	public function __construct( $code = '', $message = '', $data = '' ) {
		if ( '' !== $code ) {
			$this->add( $code, $message, $data );
		}
	}
	public function add( $code, $message, $data = '' ) {
		$this->errors[ $code ][] = $message;
		$this->data[ $code ]     = $data;
	}
	public function has_errors() {
		return array() !== $this->errors;
	}
	public function get_error_message() {
		$first = reset( $this->errors );
		return $first ? $first[0] : '';
	}
	public function get_error_code() {
		return (string) key( $this->errors );
	}
}

class WP_REST_Response {
	public $data;
	public function __construct( $data ) {
		$this->data = $data;
	}
}

class WP_REST_Request {
	private $method;
	private $params;
	public function __construct( $method = 'GET', $params = array() ) {
		$this->method = $method;
		$this->params = $params;
	}
	public function get_method() {
		return $this->method;
	}
	public function get_param( $name ) {
		return $this->params[ $name ] ?? null;
	}
}

class Sent extends Exception {
	public $good;
	public $data;
	public function __construct( $good, $data ) {
		parent::__construct( 'sent' );
		$this->good = $good;
		$this->data = $data;
	}
}

class Denied extends Exception {
}

function __( $text ) {
	return $text;
}
function _n( $one, $many, $count ) {
	return 1 === $count ? $one : $many;
}
function esc_html__( $text ) {
	return htmlspecialchars( $text, ENT_QUOTES );
}
function esc_html( $text ) {
	return htmlspecialchars( $text, ENT_QUOTES );
}
function esc_attr( $text ) {
	return htmlspecialchars( $text, ENT_QUOTES );
}
function esc_url( $text ) {
	return preg_match( '#^(https?:|/)#i', $text ) ? htmlspecialchars( $text, ENT_QUOTES ) : '';
}
function esc_url_raw( $text, $protocols = null ) {
	return preg_match( '#^https?:#i', $text ) ? $text : '';
}
function sanitize_text_field( $text ) {
	return trim( preg_replace( '/\s+/', ' ', strip_tags( (string) $text ) ) );
}
function sanitize_key( $text ) {
	return preg_replace( '/[^a-z0-9_\-]/', '', strtolower( (string) $text ) );
}
function sanitize_html_class( $text ) {
	return preg_replace( '/[^A-Za-z0-9_-]/', '', $text );
}
function wp_strip_all_tags( $text ) {
	return trim( strip_tags( $text ) );
}
function wp_unslash( $value ) {
	return is_array( $value ) ? array_map( 'wp_unslash', $value ) : stripslashes( (string) $value );
}
function untrailingslashit( $text ) {
	return rtrim( $text, '/' );
}
function absint( $value ) {
	return abs( (int) $value );
}
function wp_parse_url( $text ) {
	return parse_url( $text );
}
function wp_json_encode( $value ) {
	return json_encode( $value );
}
function wp_generate_uuid4() {
	static $count = 0;
	++$count;
	return sprintf( '00000000-0000-4000-8000-%012d', $count );
}
function wp_generate_password( $length, $special ) {
	static $count = 0;
	++$count;
	return str_pad( 'state' . $count, $length, 'x' );
}
function get_option( $name, $default = false ) {
	return Shop::$options[ $name ] ?? $default;
}
function update_option( $name, $value, $autoload = null ) {
	Shop::$options[ $name ] = $value;
	return true;
}
function delete_option( $name ) {
	unset( Shop::$options[ $name ] );
}
function get_transient( $name ) {
	return Shop::$transients[ $name ] ?? false;
}
function set_transient( $name, $value, $ttl = 0 ) {
	Shop::$transients[ $name ] = $value;
}
function delete_transient( $name ) {
	unset( Shop::$transients[ $name ] );
}
function add_action( $name, $callback, $priority = 10, $count = 1 ) {
	Shop::$hooks[ $name ][] = $callback;
}
function add_filter( $name, $callback, $priority = 10, $count = 1 ) {
	Shop::$hooks[ $name ][] = $callback;
}
function did_action( $name ) {
	return 'wp' === $name && in_array( 'wp', Shop::$pages, true ) ? 1 : 0;
}
function is_admin() {
	return in_array( 'admin', Shop::$pages, true );
}
function wp_doing_ajax() {
	return in_array( 'ajax', Shop::$pages, true );
}
function wp_doing_cron() {
	return in_array( 'cron', Shop::$pages, true );
}
function rest_get_url_prefix() {
	return 'wp-json';
}
function determine_locale() {
	return 'en_US';
}
function current_user_can( $capability ) {
	return Shop::$can;
}
function get_current_user_id() {
	return 7;
}
function check_ajax_referer( $action, $name ) {
	if ( ( $_POST[ $name ] ?? '' ) !== 'nonce-' . $action ) {
		throw new Denied( 'nonce' );
	}
}
function check_admin_referer( $action ) {
	if ( ( $_POST['_wpnonce'] ?? '' ) !== 'nonce-' . $action ) {
		throw new Denied( 'nonce' );
	}
}
function wp_create_nonce( $action ) {
	return 'nonce-' . $action;
}
function wp_die( $text ) {
	throw new Denied( $text );
}
function wp_send_json_success( $data ) {
	throw new Sent( true, $data );
}
function wp_send_json_error( $data, $status = 200 ) {
	throw new Sent( false, $data );
}
function wp_print_script_tag( $attributes ) {
	echo '<script type="' . $attributes['type'] . '" src="' . $attributes['src'] . '"></script>';
}
function admin_url( $path = '' ) {
	return 'https://shop.example/wp-admin/' . $path;
}
function home_url() {
	return 'https://shop.example/blog';
}
function plugin_basename( $file ) {
	return 'doorstep-for-woocommerce/doorstep.php';
}
function get_the_terms( $id, $taxonomy ) {
	return 12 === $id ? array( (object) array( 'slug' => 'fragile' ) ) : false;
}
function wp_list_pluck( $list, $field ) {
	return array_column( array_map( 'get_object_vars', $list ), $field );
}
function wp_date( $format, $seconds ) {
	return gmdate( 'Y-m-d H:i', $seconds );
}
function selected( $one, $other, $echo ) {
	return $one === $other ? ' selected' : '';
}
function is_wp_error( $value ) {
	return $value instanceof WP_Error;
}
function wp_remote_post( $url, $args ) {
	Shop::$calls[] = array(
		'url'  => $url,
		'args' => $args,
	);
	return ( Shop::$gateway )( $url, $args );
}
function wp_remote_retrieve_response_code( $answer ) {
	return $answer['response']['code'];
}
function wp_remote_retrieve_body( $answer ) {
	return $answer['body'];
}
function wp_remote_retrieve_header( $answer, $name ) {
	return $answer['headers'][ $name ] ?? '';
}
