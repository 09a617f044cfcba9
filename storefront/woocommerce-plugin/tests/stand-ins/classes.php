<?php
/**
 * Classes of WooCommerce, as far as they are used.
 *
 * @package Doorstep
 */

namespace Automattic\WooCommerce\StoreApi\Exceptions {
	class RouteException extends \Exception {
		public $error_code;
		public function __construct( $code, $message, $status = 400 ) {
			parent::__construct( $message, $status );
			$this->error_code = $code;
		}
	}
}

namespace {

	class FakeLogger {
		public function warning( $text, $context ) {
			Shop::$logged[] = $text;
		}
		public function info( $text, $context ) {
			Shop::$logged[] = $text;
		}
	}

	class FakeSession {
		public $kept = array();
		public function get( $name, $default = null ) {
			return $this->kept[ $name ] ?? $default;
		}
		public function set( $name, $value ) {
			$this->kept[ $name ] = $value;
		}
	}

	class FakeCart {
		public $needs      = true;
		public $calculated = 0;
		public function needs_shipping() {
			return $this->needs;
		}
		public function is_empty() {
			return false;
		}
		public function calculate_shipping() {
			++$this->calculated;
		}
		public function calculate_totals() {
		}
	}

	class FakeShipping {
		public $packages = array();
		public function get_packages() {
			return $this->packages;
		}
	}

	class FakeWooCommerce {
		public $session;
		public $cart;
		public $shipping_parts;
		public function __construct( $session, $cart, $shipping ) {
			$this->session        = $session;
			$this->cart           = $cart;
			$this->shipping_parts = $shipping;
		}
		public function shipping() {
			return $this->shipping_parts;
		}
		public function checkout() {
			return $this;
		}
		public function create_order_shipping_lines( $order, $chosen, $packages ) {
			foreach ( $packages as $key => $package ) {
				$order->lines[] = WC_Order_Item_Shipping::of( $package['rates'][ $chosen[ $key ] ] );
			}
		}
	}

	class WC_Product {
		private $data;
		public function __construct( array $data ) {
			$this->data = $data;
		}
		public function __call( $name, $arguments ) {
			return $this->data[ substr( $name, 4 ) ] ?? '';
		}
		public function get_id() {
			return $this->data['id'];
		}
		public function get_parent_id() {
			return $this->data['parent_id'] ?? 0;
		}
		public function needs_shipping() {
			return ! ( $this->data['virtual'] ?? false );
		}
	}

	class WC_Shipping_Rate {
		private $data;
		private $meta = array();
		public $texts = array( '', '' );
		public function __construct( $id, $label, $cost, $meta, $method = 'doorstep' ) {
			$this->data = array( $id, $label, $cost, $method );
			$this->meta = $meta;
		}
		public function get_id() {
			return $this->data[0];
		}
		public function get_label() {
			return $this->data[1];
		}
		public function get_cost() {
			return $this->data[2];
		}
		public function get_method_id() {
			return $this->data[3];
		}
		public function get_meta_data() {
			return $this->meta;
		}
		public function get_delivery_time() {
			return $this->texts[0];
		}
		public function set_delivery_time( $time ) {
			$this->texts[0] = $time;
		}
		public function set_description( $text ) {
			$this->texts[1] = $text;
		}
	}

	class WC_Shipping_Method {
		public $id;
		public $instance_id;
		public $method_title;
		public $method_description;
		public $supports;
		public $instance_form_fields;
		public $title;
		public $tax_status;
		public $rates    = array();
		public $settings = array();
		public function __construct( $instance_id = 0 ) {
		}
		public function get_option( $name, $default = '' ) {
			return $this->settings[ $name ] ?? $default;
		}
		public function get_rate_id( $suffix = '' ) {
			return $this->id . ':' . $this->instance_id . ':' . $suffix;
		}
		public function add_rate( $rate ) {
			$this->rates[ $rate['id'] ] = new WC_Shipping_Rate( $rate['id'], $rate['label'], $rate['cost'], $rate['meta_data'] );
		}
	}

	class WithMeta {
		public $meta = array();
		public function get_meta( $name ) {
			return $this->meta[ $name ] ?? '';
		}
		public function update_meta_data( $name, $value ) {
			$this->meta[ $name ] = $value;
		}
		public function delete_meta_data( $name ) {
			unset( $this->meta[ $name ] );
		}
	}

	class WC_Order_Item_Shipping extends WithMeta {
		public $total;
		public static function of( $rate ) {
			$line        = new self();
			$line->total = $rate->get_cost();
			$line->meta  = $rate->get_meta_data();
			return $line;
		}
		public function get_method_id() {
			return 'doorstep';
		}
		public function get_total() {
			return $this->total;
		}
	}

	class WC_Order extends WithMeta {
		public $lines      = array();
		public $calculated = 0;
		public function get_id() {
			return 55;
		}
		public function get_items( $kind ) {
			return $this->lines;
		}
		public function remove_order_items( $kind ) {
			$this->lines = array();
		}
		public function calculate_totals() {
			++$this->calculated;
		}
	}

	class WC_Webhook {
		public $id;
		public $address;
		public function __construct( $id, $address ) {
			$this->id      = $id;
			$this->address = $address;
		}
		public function get_delivery_url() {
			return $this->address;
		}
		public function delete( $force ) {
			unset( Shop::$webhooks[ $this->id ] );
		}
	}

	class WC_Data_Store {
		public static function load( $kind ) {
			return new self();
		}
		public function search_webhooks( $arguments ) {
			return array_keys( Shop::$webhooks );
		}
	}

	class WC_Cache_Helper {
		public static $refreshed = 0;
		public static function get_transient_version( $group, $refresh = false ) {
			++self::$refreshed;
		}
	}
}
