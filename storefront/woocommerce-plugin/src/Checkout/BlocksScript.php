<?php
/**
 * The script of the cart and checkout blocks.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Checkout;

use Automattic\WooCommerce\Blocks\Integrations\IntegrationInterface;

defined( 'ABSPATH' ) || exit;

/**
 * As the blocks want it declared.
 */
final class BlocksScript implements IntegrationInterface {

	const HANDLE = 'doorstep-blocks';

	/**
	 * Its name among the integrations.
	 */
	public function get_name() {
		return BlocksCheckout::NAME;
	}

	/**
	 * Registers the script.
	 */
	public function initialize() {
		wp_register_script(
			self::HANDLE,
			plugins_url( 'assets/blocks.js', DOORSTEP_FILE ),
			array( 'wc-blocks-checkout', 'wp-element', 'wp-i18n', 'wp-plugins' ),
			DOORSTEP_VERSION,
			true
		);
		wp_set_script_translations( self::HANDLE, 'doorstep', plugin_dir_path( DOORSTEP_FILE ) . 'languages' );
	}

	/**
	 * For shoppers.
	 */
	public function get_script_handles() {
		return array( self::HANDLE );
	}

	/**
	 * None for the editor: a merchant who edits the page has no cart.
	 */
	public function get_editor_script_handles() {
		return array();
	}

	/**
	 * The script needs nothing but the cart.
	 */
	public function get_script_data() {
		return array();
	}
}
