<?php
/**
 * Small stand-ins of the parts of WordPress and WooCommerce that the plugin uses. No network, no database.
 *
 * @package Doorstep
 */

// A notice or deprecation of the plugin's is an error, in every version of PHPUnit alike; those of others are not ours to mend.
set_error_handler(
	static function ( int $level, string $message, string $file, int $line ): bool {
		if ( 0 === strpos( $file, dirname( __DIR__ ) ) ) {
			throw new ErrorException( $message, 0, $level, $file, $line );
		}
		return false;
	}
);

define( 'ABSPATH', __DIR__ . '/' );
define( 'ARRAY_A', 'ARRAY_A' );
define( 'WC_VERSION', '10.0.2' );
define( 'DOORSTEP_VERSION', '1.0.0' );
define( 'DOORSTEP_FILE', dirname( __DIR__ ) . '/doorstep.php' );

require __DIR__ . '/stand-ins/Shop.php';
require __DIR__ . '/stand-ins/wordpress.php';
require __DIR__ . '/stand-ins/woocommerce.php';
require __DIR__ . '/stand-ins/classes.php';
require dirname( __DIR__ ) . '/autoload.php';
require __DIR__ . '/ShopTestCase.php';
